// SPDX-License-Identifier: GPL-2.0-or-later
// Texts about decoded messages: the summary line, the description of a broken rule, the value of a
// field. Wireshark, `secct decode` and the conformance reports take them from here.
#pragma once

#include <string>
#include <string_view>

#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/codepoints.hpp"

namespace secct {

// The name of the message and its most important fields on one line, separated by two spaces:
// "SHREP  id=7  2 SAs  Naddr=2001:db8:20::10". Empty for Message::none.
std::string info(const DecodedMessage& decoded);

// "secct.sa.length: Profile Length does not match the profile: expected 84 (0x54),
// found 80 (0x50), at octet 49 [wire-format 7.2]"
std::string problem_text(const Problem& problem);
// The same without the name of the field.
std::string problem_detail(const Problem& problem);

// The value of a field of `decoded`: name and number, address or hexadecimal octets. For a group a
// description of its content: "SecCT-rep, 2 contexts", "ESP-TRANSPORT-AES-CBC-V6, SPI 0x10000040".
std::string value_text(const CodePoints& codepoints, const DecodedField& field,
                       const DecodedMessage& decoded);

// The name of the number in a field of `decoded`, nullptr if it has none. For some fields the
// enumeration depends on another field: sub-types of ICMP options, algorithms, preferences.
const char* value_name(const DecodedField& field, const DecodedMessage& decoded);

// The name of a value with this code point: "SecCT-rep" for a sub-option, "SHREP" for an ICMP
// option.
std::string_view short_name(CodePoint codepoint);

}  // namespace secct
