// SPDX-License-Identifier: GPL-2.0-or-later
// Code points: the numbers that the drafts leave open (docs/wire-format.md section 1). CodePoints
// holds a value for each of them: the default, unless a code-point profile changes it.
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

// Code points of a group share a number space.
enum class CodePointGroup : std::uint8_t { icmpv6, dstopt, icmpopt, subopt, mip4ext };
inline constexpr std::size_t codepoint_groups = 5;

// A row of codepoints.def.
struct CodePointRow {
  CodePoint id;
  CodePointGroup group;
  const char* name;    // "icmpv6.hi"
  const char* key;     // "hi"
  std::uint8_t value;  // the default
  const char* what;    // "ICMPv6 type, HI"
};

std::span<const CodePointRow> codepoints();
const CodePointRow& row(CodePoint codepoint);
// The code point with a name like "icmpv6.hi".
std::optional<CodePoint> find_codepoint(std::string_view name);

class CodePoints {
 public:
  CodePoints();  // all defaults

  std::uint8_t operator[](CodePoint codepoint) const {
    return values_[static_cast<std::size_t>(codepoint)];
  }

  // The code point that has `number` in `group`; nullopt if there is none.
  std::optional<CodePoint> find(CodePointGroup group, std::uint8_t number) const {
    const auto id = by_number_[static_cast<std::size_t>(group)][number];
    if (id == none_) return std::nullopt;
    return static_cast<CodePoint>(id);
  }

  void set(CodePoint codepoint, std::uint8_t number);

  // Why this set cannot be used: two code points of a group are equal, or one has the number of
  // Pad1 or PadN. Empty if it can be used.
  std::string problem() const;

 private:
  static constexpr std::uint8_t none_ = 0xff;
  void index();
  std::array<std::uint8_t, static_cast<std::size_t>(CodePoint::count)> values_{};
  std::array<std::array<std::uint8_t, 256>, codepoint_groups> by_number_{};
};

}  // namespace secct
