// SPDX-License-Identifier: GPL-2.0-or-later
// The steps from which every structure on the wire is made: one step for each line of its diagram
// in docs/wire-format.md. The decoder and the encoder both follow them.
//
//   constexpr Step lifetime_steps[] = {{.field = Field::sa_lifetime, .octets = 4}};
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "protocol/tables/fields.hpp"

namespace secct {

// How many octets a step takes.
enum class Extent : std::uint8_t {
  fixed,           // Step::octets
  of_carrier,      // Step::octets that belong to the carrier (checksum, option data length)
  bit_of_next,     // none: a bit of the fixed field that follows
  subfield,        // none: a part of the fixed field before it, shown below that field
  window,          // the window size decoded before, in bits, rounded up to octets
  key,             // the key length decoded before
  rest,            // to the end of the structure
  spis,            // protocol flags and SPIs of a SecCT-req
  values,          // numbers of Step::octets each, to the end of the structure
  options,         // a list: ICMP options, to the end of the message
  sub_options,     // a list: sub-options, to the end of the option
  contexts,        // a list: SPT and profile pairs, to the end of the sub-option
  additional,      // a list: additional security data
  static_profile,  // a list: preferences, to the end of the profile
};

// What the encoder writes where a document does not give the field.
enum class Fill : std::uint8_t {
  zero,
  type,         // the code point or type number of the structure
  length,       // octets of the structure, type and length included
  units,        // the same in units of 8 octets
  data_length,  // octets after the length field
  profile,      // octets of the profile
  window_size,  // 8 x octets of the window that the document gives
  key_length,   // octets of the key that the document gives; without a key that of the SPT
  block_size,   // aes_block_size
  key_rounds,   // aes_rounds of the key
  prefix,       // 128
  port_count,   // number of Port IDs
  changed,      // the Changed-SPT bits of the fields that the document gives
  constant      // Step::constant
};

// Conditions of steps: the optional parts that an SPT, a Req-SPT or a Changed-SPT asks for.
namespace trait {
inline constexpr std::uint16_t source_v4 = 0x0001;
inline constexpr std::uint16_t destination_v4 = 0x0002;
inline constexpr std::uint16_t source_private = 0x0004;
inline constexpr std::uint16_t destination_private = 0x0008;
inline constexpr std::uint16_t iv8 = 0x0010;
inline constexpr std::uint16_t aes = 0x0020;
inline constexpr std::uint16_t additional = 0x0040;
inline constexpr std::uint16_t static_profile = 0x0080;
inline constexpr std::uint16_t source = 0x0100;       // SecCT-req has a source identity
inline constexpr std::uint16_t destination = 0x0200;  // SecCT-req has a destination identity
inline constexpr std::uint16_t spis = 0x0400;         // SecCT-req has SPIs and Ports
// SecCT-ack: the bits of Changed-SPT.
inline constexpr std::uint16_t changed_spi = 0x80;
inline constexpr std::uint16_t changed_peer = 0x40;
inline constexpr std::uint16_t changed_lifetime = 0x20;
inline constexpr std::uint16_t changed_sequence = 0x10;
inline constexpr std::uint16_t changed_window = 0x08;
inline constexpr std::uint16_t changed_renegotiate = 0x04;
inline constexpr std::uint16_t changed_pmtu = 0x02;
inline constexpr std::uint16_t changed_v4 = 0x01;
}  // namespace trait

struct Step {
  Field field;
  std::uint8_t octets = 0;
  Extent extent = Extent::fixed;
  Fill fill = Fill::zero;
  std::uint16_t when = 0;    // traits that must all be present
  std::uint16_t unless = 0;  // traits of which none may be present
  std::uint32_t mask = 0;    // bits of a fixed number that shares its octets with others; 0: all
  std::uint8_t constant = 0;

  constexpr bool applies(std::uint16_t traits) const {
    return (traits & when) == when && (traits & unless) == 0;
  }
};

using Steps = std::span<const Step>;

// Octets that every structure with these steps has: those of the unconditional fixed steps.
constexpr std::uint8_t fixed_octets(Steps steps) {
  unsigned octets = 0;
  for (const auto& step : steps) {
    const bool is_fixed = step.extent == Extent::fixed || step.extent == Extent::of_carrier;
    if (is_fixed && step.when == 0 && step.unless == 0) octets += step.octets;
  }
  return static_cast<std::uint8_t>(octets);
}

// The bits of `mask` in `number`, shifted to the right end. `mask` is not 0.
constexpr std::uint64_t bits_of(std::uint64_t number, std::uint32_t mask) {
  return (number & mask) >> std::countr_zero(mask);
}
inline std::uint32_t mask_of(const Step& step) {
  return step.mask != 0 ? step.mask : row(step.field).mask;
}

}  // namespace secct
