// SPDX-License-Identifier: GPL-2.0-or-later
// A tape in words: the one-line summary, the text of a broken rule, the text of a value. Wireshark,
// `secct decode` and the conformance reports say the same because they all ask here.
#pragma once

#include <string>
#include <string_view>

#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/codepoints.hpp"

namespace secct {

// One line: message name, then what matters: "SHREP  id=7  2 SAs  Naddr=2001:db8:20::10".
std::string info(const DecodedMessage& decoded);

// "secct.sa.length: Profile Length does not match the profile: expected 84 (0x54),
// found 80 (0x50), at octet 49 [wire-format 7.2]"
std::string problem_text(const Problem& problem);
// The same without the field in front: what stands beside a field that is already shown.
std::string problem_detail(const Problem& problem);

// What a field's octets mean: name and number, address, hexadecimal. For a group what it holds:
// "SecCT-rep, 2 contexts", "ESP-TRANSPORT-AES-CBC-V6, SPI 0x10000040".
std::string value_text(const CodePoints& codepoints, const DecodedField& item,
                       const DecodedMessage& decoded);

// The name of a number where the table depends on a field beside it (sub-types of ICMP options,
// algorithms, preferences), nullptr when it has none. Covers the plain tables too.
const char* value_name(const DecodedField& item, const DecodedMessage& decoded);

// "SecCT-rep" of a sub-option, "SHREP" of an ICMP option: what a code point stands for.
std::string_view short_name(CodePoint codepoint);

}  // namespace secct
