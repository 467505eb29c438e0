// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/decode/decode.hpp"

#include <algorithm>

#include "protocol/checksum.hpp"
#include "protocol/decode/decoder.hpp"

namespace secct {

bool decode(const CodePoints& codepoints, Carrier carrier, View octets, const Envelope& envelope,
            DecodedMessage& decoded) {
  decoded.clear();
  if (octets.empty()) return false;
  const auto message = find_message(codepoints, carrier, octets[0]);
  if (!message) return false;
  decoded.message = *message;
  decoded.octets = octets;
  decoded.envelope = envelope;
  Decoder(codepoints, decoded).message(*message);
  return true;
}

std::uint16_t icmpv6_checksum(const Address& source, const Address& destination, View message) {
  constexpr std::uint32_t icmpv6 = 58;
  auto sum = sum_of(source) + sum_of(destination) + message.size() + icmpv6 +
             sum_of(message.first(std::min(message.size(), checksum_offset)));
  if (message.size() > checksum_offset + 2) sum += sum_of(message.subspan(checksum_offset + 2));
  return internet_checksum(sum);
}

}  // namespace secct
