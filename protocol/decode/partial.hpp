// SPDX-License-Identifier: GPL-2.0-or-later
// Messages whose end is missing: cut by the capture, in a fragment, quoted by an ICMP error.
#pragma once

#include "protocol/decode/decode.hpp"

namespace secct {

// Decodes the octets that are there as the beginning of a longer message. `missing` says how many
// more there were; where nobody knows, longest_option completes whatever has begun.
//
// The tape holds what is wholly there, and of the broken rules those that do not depend on what is
// missing. `scratch` is used again from call to call; the tape does not need it afterwards.
bool decode_beginning(const CodePoints& codepoints, Carrier carrier, View octets,
                      std::size_t missing, Envelope envelope, Octets& scratch,
                      DecodedMessage& decoded);

inline constexpr std::size_t longest_option = 255 * 8;

}  // namespace secct
