// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/checksum.hpp"

#include <bit>
#include <cstring>

namespace secct {
namespace {

std::uint16_t folded(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace

std::uint64_t sum_of(View octets) {
  // The sum does not depend on byte order and word width (RFC 1071 2): use those of the machine.
  std::uint64_t sum = 0;
  std::uint32_t word = 0;
  for (; octets.size() >= sizeof word; octets = octets.subspan(sizeof word)) {
    std::memcpy(&word, octets.data(), sizeof word);
    sum += word;
  }
  if (!octets.empty()) {
    word = 0;
    std::memcpy(&word, octets.data(), octets.size());
    sum += word;
  }
  return big_endian(std::bit_cast<std::array<std::uint8_t, 2>>(folded(sum)));
}

std::uint16_t internet_checksum(std::uint64_t sum) {
  return static_cast<std::uint16_t>(~folded(sum));
}

}  // namespace secct
