// SPDX-License-Identifier: GPL-2.0-or-later
// Code points: the numbers that the drafts leave open, with their defaults, and a set of them
// that a profile can change (docs/wire-format.md section 1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace secct {

enum class CodePoint : std::uint8_t {
#define CODEPOINT(id, group, name, default, what) id,
#include "protocol/tables/codepoints.def"
#undef CODEPOINT
  count
};

// Numbers of one group share a number space on the wire.
enum class CodePointGroup : std::uint8_t { icmpv6, dstopt, icmpopt, subopt, mip4ext };

struct CodePointRow {
  CodePoint id;
  CodePointGroup group;
  const char* name;  // "icmpv6.hi"
  const char* key;   // "hi"
  std::uint8_t value;
  const char* what;
};

std::span<const CodePointRow> codepoints();
const CodePointRow& row(CodePoint codepoint);
std::optional<CodePoint> find_codepoint(std::string_view name);

class CodePoints {
 public:
  CodePoints();  // the defaults

  std::uint8_t operator[](CodePoint codepoint) const {
    return values_[static_cast<std::size_t>(codepoint)];
  }

  // The code point that has `number` in `group`, or nothing.
  std::optional<CodePoint> find(CodePointGroup group, std::uint8_t number) const {
    const auto id = by_number_[static_cast<std::size_t>(group)][number];
    if (id == none_) return std::nullopt;
    return static_cast<CodePoint>(id);
  }

  void set(CodePoint codepoint, std::uint8_t number);

  // Empty when usable; else what is wrong: two names of one group with one number, sub-option 0.
  std::string problem() const;

 private:
  static constexpr std::uint8_t none_ = 0xff;
  void index();
  std::array<std::uint8_t, static_cast<std::size_t>(CodePoint::count)> values_{};
  std::array<std::array<std::uint8_t, 256>, 5> by_number_{};
};

}  // namespace secct
