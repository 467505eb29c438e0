// SPDX-License-Identifier: GPL-2.0-or-later
// Marks of ICVs and tokens that `secct redact` has replaced. Receivers of captures cannot verify
// them, and must not report them as wrong. The mark is in the octets themselves, so that it stays
// in captures that other programs convert, cut or merge.
#pragma once

#include <cstdint>
#include <span>

#include "ipsec/namespace.hpp"
#include "protocol/octets.hpp"

namespace secct::ipsec {

// Writes the mark over the first 8 octets of an ICV, or over all of it if it is shorter.
void mark_redacted_icv(std::span<std::uint8_t> icv);
// Whether `icv`, 12 octets, has the mark. The chance of another ICV to have it is 2^-64.
bool is_redacted_icv(View icv);

// The replacement number `number` of an authentication token.
constexpr std::uint32_t redacted_token(std::uint16_t number) { return 0x72640000U | number; }
// The chance of another token to look like a replacement is 2^-16: such a token is not verified.
constexpr bool is_redacted_token(std::uint32_t token) {
  return token >> 16U == redacted_token(0) >> 16U;
}

}  // namespace secct::ipsec
