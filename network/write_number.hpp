// SPDX-License-Identifier: GPL-2.0-or-later
// Writes numbers to existing octets in network byte order. The number has the size of `octets`, of
// at most 8 octets. append_number() in protocol/octets.hpp adds octets to a vector instead.
#pragma once

#include <cstdint>
#include <span>

namespace secct::network {

// Overwrites `octets` with `number`; excess high-order octets of `number` are discarded.
inline void write_number(std::span<std::uint8_t> octets, std::uint64_t number) {
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet, number >>= 8) {
    *octet = static_cast<std::uint8_t>(number & 0xff);
  }
}

// Adds `by` to the number in `octets`, modulo its size.
inline void add_to(std::span<std::uint8_t> octets, std::int64_t by) {
  for (auto octet = octets.rbegin(); octet != octets.rend() && by != 0; ++octet) {
    by += *octet;
    *octet = static_cast<std::uint8_t>(by & 0xff);
    by >>= 8;
  }
}

}  // namespace secct::network
