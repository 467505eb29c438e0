// SPDX-License-Identifier: GPL-2.0-or-later
// An SA of a router description (an entry of `sas`) from YAML.
#include <algorithm>

#include <fmt/format.h>

#include "generator/description/router_description.hpp"
#include "generator/description/yaml_lists.hpp"
#include "generator/document/yaml.hpp"

namespace secct::generator {
namespace {

// Reads `value` of an entry of `additional` or `static_profile` into `node`. An additional type has
// a fixed number of values, but the key of an ESP authentication may be omitted (it is derived).
void read_values(YamlMap& entry, Field group, std::uint8_t type, Node& node) {
  const auto texts = entry.texts("value");
  const auto value = [&](Field field, const std::string& text) {
    node.children.push_back(read_field({}, field, text, entry.at("value"), entry.get("value")));
  };
  if (group == Field::static_profile) {
    for (const auto& text : texts) value(Field::preference_value, text);
    return;
  }
  std::vector<Field> fields{Field::data_value};
  if (const auto* data = find_data(type)) {
    fields.clear();
    for (const auto& step : data->value) fields.push_back(step.field);
  }
  const std::size_t least = fields.back() == Field::data_auth_key ? 1 : fields.size();
  if (texts.size() < least || texts.size() > fields.size()) {
    yaml_error(entry.at("value"), entry.node(),
               fmt::format("wrong number of values: expected {}, found {}",
                           least == fields.size() ? fmt::format("{}", least)
                                                  : fmt::format("{} or {}", least, fields.size()),
                           texts.size()));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) value(fields[i], texts[i]);
}

// Reads a list of {type, value}: additional security data or static profile. A type is a name or a
// number.
std::vector<Node> typed_list(YamlMap& map, const std::string& key, Field group, Field type_field) {
  std::vector<Node> nodes;
  const CodePoints codepoints;
  std::size_t i = 0;
  for (const auto& item : list_of(map, key)) {
    YamlMap entry(item, entry_place(map, key, i++));
    entry.require("type");
    Node node(group);
    const auto type = read_field(codepoints, type_field, entry.text("type", ""), entry.at("type"),
                                 entry.get("type"));
    const auto number = static_cast<std::uint8_t>(type.number().value_or(0));
    node.children.push_back(type);
    read_values(entry, group, number, node);
    entry.finish();
    nodes.push_back(std::move(node));
  }
  return nodes;
}

// docs/cli.md, "Ends of an SA".
void check_ends(YamlMap& map, const SaPattern& pattern) {
  const bool ends_at_mn = pattern.type == 2 || pattern.type == 5;
  if (pattern.type == 0) {
    yaml_error(map.at("type"), map.get("type"), "expected a number from 1 to 5, found '0'");
  }
  if (ends_at_mn && pattern.direction == Direction::out) {
    yaml_error(map.at("direction"), map.get("direction"),
               fmt::format("expected to-mn or from-mn: an SA of type {} ends at the mobile node",
                           pattern.type));
  }
  if (pattern.type != 5) map.require("remote");
  if (pattern.type == 1) map.require("local");
}

void check_family(YamlMap& map, const std::string& key, const std::optional<Address>& address,
                  bool v4) {
  if (address && is_v4_mapped(*address) != v4) {
    yaml_error(map.at(key), map.get(key),
               fmt::format("expected an {} address for this SPT", v4 ? "IPv4" : "IPv6"));
  }
}

// Rejects an SA that a SHREP cannot carry.
void check_profile(YamlMap& map, const SaPattern& pattern) {
  const auto& context = pattern.context;
  const auto spt = find_spt(context.spt);
  if (!spt) {
    yaml_error(map.at("spt"), map.get("spt"),
               fmt::format("unknown SPT {}, see 'secct list spts'", context.spt));
  }
  if (pattern.key_length && !spt->key_length_fits(*pattern.key_length)) {
    yaml_error(map.at("key_length"), map.get("key_length"),
               fmt::format("{} does not allow a key of {} octets", spt_name(context.spt),
                           *pattern.key_length));
  }
  const bool swapped = pattern.direction == Direction::to_mn;
  check_family(map, "remote", pattern.remote, swapped ? spt->source_v4 : spt->destination_v4);
  check_family(map, "local", pattern.local, swapped ? spt->destination_v4 : spt->source_v4);
  const auto require_support = [&](const char* key, bool allowed, const char* what) {
    if (map.has(key) && !allowed) {
      yaml_error(map.at(key), map.get(key),
                 fmt::format("{} has no {}", spt_name(context.spt), what));
    }
  };
  require_support("source_private_id", spt->source_private, "private source");
  require_support("destination_private_id", spt->destination_private, "private destination");
  require_support("additional", spt->additional, "additional security data");
  require_support("static_profile", spt->static_profile, "static profile");
  const std::size_t octets = (context.window_size + 7U) / 8U;
  if (!context.window.empty() && context.window.size() != octets) {
    yaml_error(map.at("window"), map.get("window"),
               fmt::format("expected {} octets for a window_size of {}, found {}", octets,
                           context.window_size, context.window.size()));
  }
}

}  // namespace

SaPattern read_sa_pattern(const YAML::Node& node, const YamlPlace& place,
                          std::optional<std::uint32_t> spi_base) {
  YamlMap map(node, place);
  SaPattern pattern;
  map.require("type");
  map.require("direction");
  map.require("spt");
  if (!spi_base) map.require("spi_base");
  pattern.type = static_cast<int>(map.number("type", 5, 5));
  pattern.direction = static_cast<Direction>(map.choice("direction", direction_names).value_or(0));
  pattern.spi_base =
      static_cast<std::uint32_t>(map.number("spi_base", spi_base.value_or(0), 0xffffffff));
  pattern.repeat = static_cast<std::uint32_t>(map.number("repeat", 1, spis_per_mobile_node));
  pattern.local = map.address("local");
  pattern.remote = map.address("remote");
  if (map.has("key_length")) {
    pattern.key_length = static_cast<std::uint8_t>(map.number("key_length", 0, 255));
  }
  auto& context = pattern.context;
  const auto spt = read_field({}, Field::spt, map.text("spt", ""), map.at("spt"), map.get("spt"));
  context.spt = static_cast<std::uint16_t>(spt.number().value_or(0));
  const auto protocol = map.text("protocol", "0");
  context.protocol = static_cast<std::uint8_t>(
      read_field({}, Field::sa_protocol, protocol, map.at("protocol"), map.get("protocol"))
          .number()
          .value_or(0));
  context.sequence = static_cast<std::uint32_t>(map.number("sequence", 1, 0xffffffff));
  context.lifetime = static_cast<std::uint32_t>(map.number("lifetime", 3600, 0xffffffff));
  context.window_size = static_cast<std::uint8_t>(map.number("window_size", 0, 255));
  context.window = map.hex("window").value_or(Octets());
  context.source_port = static_cast<std::uint16_t>(map.number("source_port", 0, 0xffff));
  context.destination_port = static_cast<std::uint16_t>(map.number("destination_port", 0, 0xffff));
  const auto id = [&](const char* key) -> std::optional<std::uint32_t> {
    if (!map.has(key)) {
      static_cast<void>(map.get(key));
      return std::nullopt;
    }
    return static_cast<std::uint32_t>(map.number(key, 0, 0xffffffff));
  };
  context.source_private_id = id("source_private_id");
  context.destination_private_id = id("destination_private_id");
  context.additional = typed_list(map, "additional", Field::additional, Field::data_type);
  context.static_profile =
      typed_list(map, "static_profile", Field::static_profile, Field::preference_type);
  check_ends(map, pattern);
  check_profile(map, pattern);
  map.finish();
  return pattern;
}

}  // namespace secct::generator
