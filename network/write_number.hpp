// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers in octets that are there already, most significant octet first.
#pragma once

#include <cstdint>
#include <span>

namespace secct::network {

// Fills `to` with `number`; higher octets are lost.
inline void write_number(std::span<std::uint8_t> to, std::uint64_t number) {
  for (auto octet = to.rbegin(); octet != to.rend(); ++octet, number >>= 8) {
    *octet = static_cast<std::uint8_t>(number & 0xff);
  }
}

// Adds to the number that `octets` are; it wraps.
inline void add_to(std::span<std::uint8_t> octets, std::int64_t by) {
  for (auto octet = octets.rbegin(); octet != octets.rend() && by != 0; ++octet) {
    by += *octet;
    *octet = static_cast<std::uint8_t>(by & 0xff);
    by >>= 8;
  }
}

}  // namespace secct::network
