// SPDX-License-Identifier: GPL-2.0-or-later
// One value of a packet document or of --set, by the type of its field.

#include <fmt/format.h>

#include "generator/document/yaml.hpp"

namespace secct::generator {
namespace {

using F = Field;

std::optional<std::uint64_t> named_number(const CodePoints& codepoints, const FieldRow& field,
                                          const std::string& text) {
  if (field.values == Values::spt) {
    if (const auto spt = parse_spt(text)) return *spt;
    return std::nullopt;
  }
  if (field.values == Values::icmpopt || field.values == Values::subopt) {
    const auto group =
        field.values == Values::icmpopt ? CodePointGroup::icmpopt : CodePointGroup::subopt;
    if (field.values == Values::subopt && text == "pad1") return 0;
    for (const auto& codepoint : secct::codepoints()) {
      if (codepoint.group == group && text == codepoint.key) return codepoints[codepoint.id];
    }
    return std::nullopt;
  }
  if (const auto number = find_value(field.values, std::string_view(text))) return *number;
  return std::nullopt;
}

std::string expected_names(const FieldRow& field, const std::string& text) {
  std::vector<std::string_view> names;
  for (const auto& value : values(field.values)) names.emplace_back(value.key);
  if (field.values == Values::icmpopt || field.values == Values::subopt) {
    const auto group =
        field.values == Values::icmpopt ? CodePointGroup::icmpopt : CodePointGroup::subopt;
    for (const auto& codepoint : secct::codepoints()) {
      if (codepoint.group == group) names.emplace_back(codepoint.key);
    }
  }
  if (field.values == Values::spt) {
    return "an SPT name such as ESP-TRANSPORT-AES-CBC-V6, or a number";
  }
  if (names.empty()) return "a number";
  return fmt::format("a number or one of {}{}", fmt::join(names, ", "), suggestion(text, names));
}

// "+1", "-8": so much more than what would be computed.
std::optional<Shift> to_shift(std::string_view text) {
  constexpr std::uint64_t most = 0xffffffff;
  if (!text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
  const auto number = to_number(text.substr(1));
  if (!number || *number > most) return std::nullopt;
  const auto by = static_cast<std::int64_t>(*number);
  return Shift{text.front() == '-' ? -by : by};
}

std::uint64_t largest(FieldType type) {
  return type == FieldType::u8 ? 0xff : type == FieldType::u16 ? 0xffff : 0xffffffff;
}

}  // namespace

Node read_field(const CodePoints& codepoints, Field field, const std::string& text,
                const YamlPlace& place, const YAML::Node& at) {
  const auto& description = row(field);
  const auto refuse = [&](std::string_view expected) {
    yaml_error(place, at, fmt::format("expected {}, found '{}'", expected, text));
  };
  switch (description.type) {
    case FieldType::boolean: {
      const auto flag = to_bool(text);
      if (!flag) refuse("true or false");
      return {field, *flag ? 1U : 0U};
    }
    case FieldType::u8:
    case FieldType::u16:
    case FieldType::u32: {
      if (const auto shift = to_shift(text)) {
        Node node(field);
        node.value = *shift;
        return node;
      }
      auto number = to_number(text);
      if (!number) number = named_number(codepoints, description, text);
      if (!number) refuse(expected_names(description, text));
      if (*number > largest(description.type)) {
        refuse(fmt::format("at most {0} (0x{0:x})", largest(description.type)));
      }
      return {field, *number};
    }
    case FieldType::ipv6: {
      Address address{};
      if (!parse_v6(text, address)) refuse("an IPv6 address");
      return {field, address};
    }
    case FieldType::ipv4: {
      std::array<std::uint8_t, 4> address{};
      if (!parse_v4(text, address)) refuse("an IPv4 address");
      return {field, Octets(address.begin(), address.end())};
    }
    case FieldType::bytes: {
      Octets octets;
      if (!parse_hex(text, octets)) refuse("hexadecimal octets");
      return {field, std::move(octets)};
    }
    case FieldType::text: return {field, Octets(text.begin(), text.end())};
    default: yaml_error(place, at, fmt::format("{} is not a field of a packet", description.name));
  }
}

std::variant<std::uint64_t, Octets, Shift> read_header(HeaderField field, const std::string& text,
                                                       const YamlPlace& place,
                                                       const YAML::Node& at) {
  const auto& header = row(field);
  const auto refuse = [&](std::string_view expected) {
    yaml_error(place, at, fmt::format("expected {}, found '{}'", expected, text));
  };
  const bool may_shift =
      header.is_number() || (header.kind == HeaderKind::bytes && header.computed);
  if (may_shift) {
    if (const auto shift = to_shift(text)) return *shift;
  }
  if (header.is_number()) {
    const auto number = to_number(text);
    const auto most = (1ULL << header.bits) - 1;
    if (!number || *number > most) refuse(fmt::format("a number from 0 to {}", most));
    return *number;
  }
  if (header.kind == HeaderKind::ipv6) {
    Address address{};
    if (!parse_v6(text, address)) refuse("an IPv6 address");
    return Octets(address.begin(), address.end());
  }
  if (header.kind == HeaderKind::ipv4) {
    std::array<std::uint8_t, 4> address{};
    if (!parse_v4(text, address)) refuse("an IPv4 address");
    return Octets(address.begin(), address.end());
  }
  Octets octets;
  if (!parse_hex(text, octets)) refuse("hexadecimal octets");
  if (header.bits != 0 && octets.size() != header.bits / 8U) {
    refuse(fmt::format("{} octets in hexadecimal", header.bits / 8));
  }
  return octets;
}

}  // namespace secct::generator
