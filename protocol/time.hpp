// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace secct {

using Time = std::uint64_t;  // nanoseconds since some start

constexpr Time milliseconds(std::uint64_t n) { return n * 1000000; }
constexpr Time seconds(std::uint64_t n) { return n * 1000000000; }

}  // namespace secct
