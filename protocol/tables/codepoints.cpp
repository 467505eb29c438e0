// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/tables/codepoints.hpp"

#include <algorithm>
#include <cassert>

namespace secct {
namespace {

constexpr CodePointRow rows[] = {
#define CODEPOINT(id, group, name, default, what) \
  {CodePoint::id, CodePointGroup::group, #group "." name, name, default, what},
#include "protocol/tables/codepoints.def"
#undef CODEPOINT
};

static_assert(std::ranges::all_of(rows, [](const auto& codepoint) {
  return static_cast<std::size_t>(codepoint.group) < codepoint_groups;
}));

}  // namespace

std::span<const CodePointRow> codepoints() { return rows; }

const CodePointRow& row(CodePoint codepoint) {
  assert(codepoint < CodePoint::count);
  return rows[static_cast<std::size_t>(codepoint)];
}

std::optional<CodePoint> find_codepoint(std::string_view name) {
  for (const auto& candidate : rows) {
    if (name == candidate.name) return candidate.id;
  }
  return std::nullopt;
}

CodePoints::CodePoints() {
  for (const auto& codepoint : rows)
    values_[static_cast<std::size_t>(codepoint.id)] = codepoint.value;
  index();
}

void CodePoints::set(CodePoint codepoint, std::uint8_t number) {
  values_[static_cast<std::size_t>(codepoint)] = number;
  index();
}

void CodePoints::index() {
  for (auto& group : by_number_) group.fill(none_);
  for (const auto& codepoint : rows) {
    auto& slot = by_number_[static_cast<std::size_t>(codepoint.group)][(*this)[codepoint.id]];
    if (slot == none_) slot = static_cast<std::uint8_t>(codepoint.id);
  }
}

std::string CodePoints::problem() const {
  for (const auto& a : rows) {
    const auto number = (*this)[a.id];
    if (a.group == CodePointGroup::subopt && number == 0) {
      return std::string(a.name) + " is 0, which is Pad1";
    }
    if (a.group == CodePointGroup::dstopt && number < 2) {
      return std::string(a.name) + " is " + std::to_string(number) + ", which is Pad1 or PadN";
    }
    for (const auto& b : rows) {
      if (a.id < b.id && a.group == b.group && number == (*this)[b.id]) {
        return std::string(a.name) + " and " + b.name + " are both " + std::to_string(number);
      }
    }
  }
  return {};
}

}  // namespace secct
