// SPDX-License-Identifier: GPL-2.0-or-later
// Any octets as a message. The first octet is no part of it: bits 0-1 pick the carrier, bit 2 puts
// a type of ours in front, bit 3 says that octets are missing, bits 4-6 what the layers below say.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "protocol/decode/decode.hpp"
#include "protocol/decode/partial.hpp"
#include "tests/fuzz/decode_check.hpp"

namespace {

using namespace secct;

void demand(const std::string& wrong, View octets) {
  if (wrong.empty()) return;
  std::fprintf(stderr, "%s\nin %s\n", wrong.c_str(), to_hex(octets).c_str());
  std::abort();
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
  while (messages()[pick].carrier !=
         (carrier == Carrier::mip4_reply ? Carrier::mip4_request : carrier)) {
    pick = (pick + 1) % messages().size();
  }
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
    demand(decoded.fields.empty() && decoded.problems.empty() ? "" : "a tape of nothing", octets);
    return 0;
  }
  demand(test::bad_header(decoded), octets);
  demand(test::not_the_same_again(codepoints, decoded), octets);
  if ((choice & 8) != 0) {
    decode_beginning(codepoints, carrier, octets, longest_option, {}, scratch, decoded);
    demand(test::bad_header(decoded), octets);
  }
  return 0;
}
