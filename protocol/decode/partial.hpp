// SPDX-License-Identifier: GPL-2.0-or-later
// Decodes messages whose end is missing: truncated by the capture, fragmented, or quoted in an ICMP
// error.
#pragma once

#include "protocol/decode/decode.hpp"

namespace secct {

// Decodes `octets` as the beginning of a message that is longer by `missing` octets; if that number
// is unknown, longest_option is enough for every structure that has begun. Returns as decode().
//
// `decoded` gets the fields whose octets are all there, and only problems that do not depend on
// missing octets. `scratch` is a buffer that can be reused for the next message; `decoded` does not
// refer to it.
bool decode_beginning(const CodePoints& codepoints, Carrier carrier, View octets,
                      std::size_t missing, Envelope envelope, Octets& scratch,
                      DecodedMessage& decoded);

inline constexpr std::size_t longest_option = 255 * 8;

}  // namespace secct
