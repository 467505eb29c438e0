// SPDX-License-Identifier: GPL-2.0-or-later
// Time as an input: the unit that all clocks of the project share.
#pragma once

#include <cstdint>

namespace secct {

using Time = std::uint64_t;  // nanoseconds since an arbitrary start

constexpr Time milliseconds(std::uint64_t n) { return n * 1000000; }
constexpr Time seconds(std::uint64_t n) { return n * 1000000000; }

}  // namespace secct
