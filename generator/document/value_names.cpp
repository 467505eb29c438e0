// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/value_names.hpp"

#include "protocol/tables/spt.hpp"

namespace secct::generator {
namespace {

constexpr const char* pad1 = "pad1";  // sub-option 0, which is not a code point

// The group of code points that names the numbers of a field.
std::optional<CodePointGroup> codepoint_group(const FieldRow& field) {
  if (field.values == Values::icmpopt) return CodePointGroup::icmpopt;
  if (field.values == Values::subopt) return CodePointGroup::subopt;
  return std::nullopt;
}

}  // namespace

std::uint64_t largest_number(FieldType type) {
  return type == FieldType::u8 ? 0xff : type == FieldType::u16 ? 0xffff : 0xffffffff;
}

std::vector<std::string> number_names(const FieldRow& field) {
  std::vector<std::string> names;
  for (const auto& value : values(field.values)) names.emplace_back(value.key);
  if (const auto group = codepoint_group(field)) {
    for (const auto& codepoint : codepoints()) {
      if (codepoint.group == *group) names.emplace_back(codepoint.key);
    }
  }
  if (field.values == Values::subopt) names.emplace_back(pad1);
  if (field.values == Values::spt) {
    for (const auto& spt : assigned_spts()) names.push_back(spt_name(spt.number));
  }
  return names;
}

std::optional<std::uint64_t> named_number(const CodePoints& codepoints, const FieldRow& field,
                                          const std::string& name) {
  if (field.values == Values::spt) return parse_spt(name);
  if (const auto group = codepoint_group(field)) {
    if (field.values == Values::subopt && name == pad1) return 0;
    for (const auto& codepoint : secct::codepoints()) {
      if (codepoint.group == *group && name == codepoint.key) return codepoints[codepoint.id];
    }
    return std::nullopt;
  }
  return find_value(field.values, std::string_view(name));
}

std::optional<std::string> number_name(const CodePoints& codepoints, const FieldRow& field,
                                       std::uint64_t number) {
  if (field.values == Values::spt) {
    const auto name = spt_name(static_cast<std::uint16_t>(number));
    if (parse_spt(name) == number) return name;
    return std::nullopt;
  }
  if (const auto group = codepoint_group(field)) {
    if (field.values == Values::subopt && number == 0) return pad1;
    if (number > 0xff) return std::nullopt;
    const auto found = codepoints.find(*group, static_cast<std::uint8_t>(number));
    if (found) return row(*found).key;
    return std::nullopt;
  }
  // The meaning of a sub-type depends on its option, and statuses are usually cited by number.
  if (field.id == Field::opt_subtype || field.id == Field::status) return std::nullopt;
  const auto* value = find_value(field.values, number);
  if (value != nullptr) return value->key;
  return std::nullopt;
}

}  // namespace secct::generator
