// SPDX-License-Identifier: GPL-2.0-or-later
// Decodes any octets as a message. The first octet is not part of the message: bits 0-1 select the
// carrier, bit 2 sets the type to one of SecCT, bit 3 marks the message as truncated, bits 4-6
// select the properties of the lower layers.
#include "protocol/decode/decode.hpp"
#include "protocol/decode/partial.hpp"
#include "tests/fuzz/decode_check.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;

namespace {

void require_none(const std::string& error, View octets) {
  test::require(error.empty(), error.c_str(), octets);
}

Envelope envelope(unsigned bits) {
  Envelope below;
  if ((bits & 1) != 0) below.source = below.destination = Address{0x20, 0x01, 0x0d, 0xb8};
  if ((bits & 2) != 0) below.hop_limit = 64;
  if ((bits & 4) != 0) below.protection = Protection::none;
  return below;
}

Octets message(const CodePoints& codepoints, unsigned choice, Carrier carrier, View rest) {
  Octets octets(rest.begin(), rest.end());
  if ((choice & 4) == 0 || octets.empty()) return octets;
  std::size_t pick = octets[0] % messages().size();
  while (messages()[pick].carrier != carrier) pick = (pick + 1) % messages().size();
  octets[0] = codepoints[messages()[pick].codepoint];
  return octets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 4096;  // two options of the largest size
  if (size == 0 || size > longest) return 0;
  static const CodePoints codepoints;
  static DecodedMessage decoded;
  static Octets scratch;
  const auto choice = data[0];
  const auto carrier = static_cast<Carrier>(choice & 3);
  const auto octets = message(codepoints, choice, carrier, View(data + 1, size - 1));
  if (!decode(codepoints, carrier, octets, envelope(choice >> 4 & 7U), decoded)) {
    require_none(
        decoded.fields.empty() && decoded.problems.empty() ? "" : "fields of an unknown message",
        octets);
    return 0;
  }
  require_none(test::structure_error(decoded), octets);
  require_none(test::round_trip_error(codepoints, decoded), octets);
  if ((choice & 8) != 0) {
    decode_beginning(codepoints, carrier, octets, longest_option, {}, scratch, decoded);
    require_none(test::structure_error(decoded), octets);
  }
  return 0;
}
