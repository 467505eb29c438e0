// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/decode.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "protocol/walk.hpp"

namespace secct {

bool decode(const CodePoints& codepoints, Carrier carrier, View octets, const Envelope& envelope,
            Tape& tape) {
  tape.clear();
  if (octets.empty()) return false;
  const auto message = find_message(codepoints, carrier, octets[0]);
  if (!message) return false;
  tape.message = *message;
  tape.carrier = carrier;
  tape.octets = octets;
  tape.envelope = envelope;
  Walk(codepoints, tape).message(*message, carrier);
  return true;
}

std::uint16_t icmpv6_checksum(const Address& source, const Address& destination, View message) {
  constexpr std::uint32_t icmpv6 = 58;
  // Words of the machine's own octet order, which the sum does not depend on (RFC 1071 2).
  std::uint64_t sum = 0;
  const auto add = [&](View octets) {
    while (!octets.empty()) {
      std::array<std::uint8_t, 4> word{};
      const auto some = octets.first(std::min(octets.size(), word.size()));
      std::ranges::copy(some, word.begin());
      sum += std::bit_cast<std::uint32_t>(word);
      octets = octets.subspan(some.size());
    }
  };
  add(source);
  add(destination);
  add(message.first(std::min(message.size(), checksum_offset)));
  if (message.size() > checksum_offset + 2) add(message.subspan(checksum_offset + 2));
  const auto fold = [&] {
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  };
  fold();
  const auto octets = std::bit_cast<std::array<std::uint8_t, 2>>(static_cast<std::uint16_t>(sum));
  sum = big_endian(octets) + message.size() + icmpv6;
  fold();
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace secct
