// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/description/typed_list.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generator/description/yaml_lists.hpp"
#include "generator/document/yaml.hpp"
#include "ipsec/algorithms.hpp"
#include "ipsec/context.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {
namespace {

constexpr std::size_t most_octets = 255;  // of a value: its length field has one octet

// The number of an authentication algorithm under its name in `router_sas`.
std::optional<std::uint64_t> auth_algorithm_number(const std::string& text) {
  const auto algorithm = find_auth_algorithm(text);
  if (!algorithm || *algorithm == AuthAlgorithm::none) return std::nullopt;
  return static_cast<std::uint64_t>(*algorithm);
}

// One entry of a list.
class EntryReader {
 public:
  EntryReader(YamlMap& entry, Field group) : entry_(entry), node_(group) {}

  Node read() {
    read_type();
    const auto value = entry_.get("value");
    const auto texts = entry_.texts("value");
    Octets octets;
    const bool is_list = value.IsDefined() && value.IsSequence();
    if (!is_list && texts.size() == 1 && texts[0].starts_with("0x") &&
        parse_hex(texts[0], octets)) {
      octets_ = std::move(octets);
    }
    if (node_.field == Field::static_profile) {
      read_octets_or_numbers(texts, preference_values(type_), Field::preference_value);
    } else if (const auto* data = find_data(type_)) {
      read_data(*data, texts);
    } else {
      read_unknown(texts);
    }
    entry_.finish();
    return std::move(node_);
  }

 private:
  void read_type() {
    const bool is_preference = node_.field == Field::static_profile;
    if (entry_.has("type") && entry_.has("name")) {
      yaml_error(entry_.at("name"), entry_.get("name"),
                 "'type' and 'name' have the same meaning; expected one of them");
    }
    const std::string key = entry_.has("name") ? "name" : "type";
    entry_.require(key);
    const auto type = read_field({}, is_preference ? Field::preference_type : Field::data_type,
                                 entry_.text(key, ""), entry_.at(key), entry_.get(key));
    type_ = static_cast<std::uint8_t>(type.number().value_or(0));
    if (type_ == 0 && !is_preference) {
      yaml_error(entry_.at(key), entry_.get(key),
                 "expected a type from 1 to 255; secct writes the end of the list itself");
    }
    node_.children.push_back(type);
  }

  // A number, or the name of one in `names`.
  void add_number(Field field, Values names, const std::string& text) {
    std::optional<std::uint64_t> number = find_value(names, std::string_view(text));
    if (!number && names == Values::auth_algorithm) number = auth_algorithm_number(text);
    if (number) {
      node_.children.emplace_back(field, *number);
      return;
    }
    if (names != Values::none && !to_number(text)) refuse(expected_names(names), text);
    node_.children.push_back(read_field({}, field, text, entry_.at("value"), entry_.get("value")));
  }

  static std::string expected_names(Values names) {
    std::vector<std::string_view> keys;
    for (const auto& value : values(names)) keys.emplace_back(value.key);
    return fmt::format("a number or one of {}", fmt::join(keys, ", "));
  }

  void read_octets_or_numbers(const std::vector<std::string>& texts, Values names, Field field) {
    if (octets_) {
      for (const auto octet : *octets_) node_.children.emplace_back(field, octet);
      return;
    }
    for (const auto& text : texts) add_number(field, names, text);
    if (texts.size() > most_octets) refuse("at most 255 values", std::to_string(texts.size()));
  }

  // The value of a type that wire-format.md 7.3 defines. The key of an ESP authentication may be
  // omitted: it is derived.
  void read_data(const DataRow& data, const std::vector<std::string>& texts) {
    const auto& last = data.value.back();
    const bool one_number = data.value.size() == 1 && last.extent != Extent::rest;
    if (octets_ && !one_number) return read_data_octets(data);
    const std::size_t least = last.field == Field::data_auth_key ? 1 : data.value.size();
    if (texts.size() < least || texts.size() > data.value.size()) {
      yaml_error(entry_.at("value"), entry_.node(),
                 fmt::format("wrong number of values: expected {}, found {}",
                             least == data.value.size()
                                 ? fmt::format("{}", least)
                                 : fmt::format("{} or {}", least, data.value.size()),
                             texts.size()));
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto& field = row(data.value[i].field);
      if (field.type == FieldType::bytes || field.type == FieldType::text) {
        node_.children.push_back(
            read_field({}, field.id, texts[i], entry_.at("value"), entry_.get("value")));
      } else {
        add_number(field.id, field.values, texts[i]);
      }
    }
  }

  // The same, if all octets of the value are given.
  void read_data_octets(const DataRow& data) {
    View rest = *octets_;
    for (const auto& step : data.value) {
      if (step.extent == Extent::rest) {
        const bool derived = step.field == Field::data_auth_key && rest.empty();
        if (!derived) node_.children.emplace_back(step.field, Octets(rest.begin(), rest.end()));
        return;
      }
      if (rest.size() < step.octets) refuse_length(data);
      node_.children.emplace_back(step.field, big_endian(rest.first(step.octets)));
      rest = rest.subspan(step.octets);
    }
    if (!rest.empty()) refuse_length(data);
  }

  // A type that no document defines: octets, or a list of numbers of one octet.
  void read_unknown(const std::vector<std::string>& texts) {
    if (!octets_) {
      octets_.emplace();
      for (const auto& text : texts) {
        const auto number = to_number(text);
        if (!number || *number > 0xff) refuse("0x and octets, or numbers from 0 to 255", text);
        octets_->push_back(static_cast<std::uint8_t>(*number));
      }
    }
    if (octets_->size() > most_octets) {
      refuse("at most 255 octets", fmt::format("{} octets", octets_->size()));
    }
    node_.children.emplace_back(Field::data_value, std::move(*octets_));
  }

  [[noreturn]] void refuse_length(const DataRow& data) {
    std::size_t octets = 0;
    for (const auto& step : data.value) octets += step.octets;
    const bool open = data.value.back().extent == Extent::rest;
    refuse(fmt::format("{}{} octets", open ? "at least " : "", octets),
           fmt::format("{} octets", octets_->size()));
  }

  [[noreturn]] void refuse(std::string_view expected, std::string_view found) {
    yaml_error(entry_.at("value"), entry_.get("value"),
               fmt::format("expected {}, found '{}'", expected, found));
  }

  YamlMap& entry_;
  Node node_;
  std::uint8_t type_ = 0;
  std::optional<Octets> octets_;  // a value that is given as 0x and its octets
};

// Wire-format 7.3: a receiver refuses any other list.
void check_order(const std::vector<Node>& before, const Node& data, const YamlMap& entry) {
  const auto type = data_type(data);
  if (find_data(static_cast<std::uint8_t>(type)) != nullptr &&
      std::ranges::find(before, type, ipsec::data_type) != before.end()) {
    yaml_error(entry.place(), entry.node(), fmt::format("type {} occurs twice", type));
  }
  if (type < first_selector && !before.empty() && data_type(before.back()) >= first_selector) {
    yaml_error(
        entry.place(), entry.node(),
        fmt::format("transform (type {}) after a selector (type {}); expected the transforms, "
                    "types 1 to 127, before the selectors",
                    type, data_type(before.back())));
  }
}

}  // namespace

std::vector<Node> read_typed_list(YamlMap& map, const std::string& key, Field group) {
  std::vector<Node> nodes;
  for (const auto& item : list_of(map, key)) {
    YamlMap entry(item, entry_place(map, key, nodes.size()));
    auto node = EntryReader(entry, group).read();
    if (group == Field::additional) check_order(nodes, node, entry);
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace secct::generator
