// SPDX-License-Identifier: GPL-2.0-or-later
// Reads one value of a packet document or of --set.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generator/document/value_names.hpp"
#include "generator/document/yaml.hpp"

namespace secct::generator {
namespace {

// For messages: what a value of `field` can be.
std::string expected_number(const FieldRow& field, const std::string& found) {
  if (field.values == Values::spt) {
    return "an SPT name such as ESP-TRANSPORT-AES-CBC-V6, or a number";
  }
  const auto names = number_names(field);
  if (names.empty()) return "a number";
  const std::vector<std::string_view> views(names.begin(), names.end());
  return fmt::format("a number or one of {}{}", fmt::join(names, ", "), suggestion(found, views));
}

// "+1", "-8": a difference to the value that would be computed.
std::optional<Shift> to_shift(std::string_view text) {
  constexpr std::uint64_t most = 0xffffffff;
  if (!text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
  const auto number = to_number(text.substr(1));
  if (!number || *number > most) return std::nullopt;
  const auto by = static_cast<std::int64_t>(*number);
  return Shift{text.front() == '-' ? -by : by};
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
      if (!number) refuse(expected_number(description, text));
      if (*number > largest_number(description.type)) {
        refuse(fmt::format("at most {0} (0x{0:x})", largest_number(description.type)));
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
  const bool can_shift =
      header.is_number() || (header.kind == HeaderKind::bytes && header.computed);
  if (can_shift) {
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
