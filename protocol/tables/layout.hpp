// SPDX-License-Identifier: GPL-2.0-or-later
// The wire as tables: every message, option, sub-option, profile and list entry is a row of steps.
// The decoder and the encoder both walk these steps; docs/wire-format.md has the diagrams.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/fields.hpp"
#include "protocol/tables/spt.hpp"

namespace secct {

enum class Message : std::uint8_t {
  none = 0,
  hi = 1,
  hack = 2,
  shreq = 3,
  shrep = 4,
  shrep_ack = 5,
  shin = 6,
  pshin = 7,
  shak = 8,
  mip4 = 9
};

enum class Carrier : std::uint8_t {
  icmpv6,        // from the ICMPv6 type octet to the end of the message
  dstopt,        // from the option type octet to the end of the option data
  mip4_request,  // from the extension type octet to the end of the extension
  mip4_reply
};

// How many octets a step takes.
enum class Extent : std::uint8_t {
  fixed,           // Step::octets
  foreign,         // Step::octets that belong to the carrier (checksum, option length)
  bit_of_next,     // none: a bit of the fixed field that follows
  subfield,        // none: a part of the field just before, shown below it
  window,          // the window size read before, in bits, rounded up to octets
  key,             // the key length read before
  rest,            // to the end of the structure
  spis,            // protocol flags and SPIs of a SecCT-req
  values,          // numbers of Step::octets each, to the end of the structure
  options,         // a list: ICMP options, to the end of the message
  sub_options,     // a list: sub-options, to the end of the option
  contexts,        // a list: SPT and profile pairs, to the end of the sub-option
  additional,      // a list: additional security data
  static_profile,  // a list: preferences, to the end of the profile
};

// What the encoder writes where a document says nothing (else zero).
enum class Fill : std::uint8_t {
  zero,
  type,         // the code point or type number of the structure
  length,       // octets of the structure, type and length included
  units,        // the same in units of 8 octets
  data_length,  // octets that follow the length field
  profile,      // octets of the profile
  window_size,  // 8 x octets of the window that the document gives
  key_length,   // octets of the key that the document gives, else of the SPT
  block_size,   // aes_block_size
  key_rounds,   // aes_rounds of the key
  prefix,       // 128
  port_count,   // number of Port IDs
  changed,      // the Changed-SPT bits of the fields that the document gives
  constant      // Step::constant
};

// Conditions of steps: which optional parts an SPT, a Req-SPT or a Changed-SPT calls for.
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
// SecCT-ack: Changed-SPT as it stands in the octet.
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
  std::uint16_t when = 0;    // every one of these traits
  std::uint16_t unless = 0;  // none of these
  std::uint32_t mask = 0;    // fixed numbers that share their octets with bits: 0 = all
  std::uint8_t constant = 0;

  constexpr bool applies(std::uint16_t traits) const {
    return (traits & when) == when && (traits & unless) == 0;
  }
};

using Steps = std::span<const Step>;

struct MessageInfo {
  Message id;
  CodePoint codepoint;
  Carrier carrier;
  Steps steps;
  std::optional<CodePoint> context_option;  // the option that carries sub-options
  bool context_required;                    // the message is nothing without it
};

// Messages in which an option or sub-option belongs, as a set.
using MessageSet = std::uint16_t;
constexpr MessageSet in(Message message) {
  return static_cast<MessageSet>(1U << static_cast<unsigned>(message));
}
// A Registration Reply holds other sub-options than a Registration Request.
inline constexpr MessageSet in_mip4_reply = 1U << 10;

struct OptionRow {
  CodePoint id;
  Steps steps;
  std::uint8_t fixed_octets;
  MessageSet messages;
  bool context;  // one of the four context options
};

struct SubOptionRow {
  CodePoint id;
  Steps steps;
  std::uint8_t fixed_octets;
  MessageSet messages;
};

struct DataRow {
  std::uint8_t type;
  Steps value;
};
constexpr std::uint8_t first_selector = 128;  // types below are transforms

std::span<const MessageInfo> messages();
const MessageInfo& row(Message message);  // not for none; for mip4 the request
std::span<const OptionRow> options();
const OptionRow* find_option(CodePoint id);
std::span<const SubOptionRow> sub_options();
const SubOptionRow* find_sub_option(CodePoint id);
std::span<const DataRow> data_types();
const DataRow* find_data(std::uint8_t type);

Steps message_steps(Message message, Carrier carrier);
Steps spt_steps();  // the SPT in front of a profile, and its bits
Steps profile_steps();
Steps data_steps();        // type, length; the value's steps follow
Steps preference_steps();  // type, length, values

// What a bit of a number says: the bits of `mask`, moved to the right end.
constexpr std::uint64_t bits_of(std::uint64_t number, std::uint32_t mask) {
  return (number & mask) >> std::countr_zero(mask);
}
inline std::uint32_t mask_of(const Step& step) {
  return step.mask != 0 ? step.mask : row(step.field).mask;
}

std::uint16_t profile_traits(const Spt& spt);
// Nothing when Req-SPT is unknown.
std::optional<std::uint16_t> req_traits(std::uint8_t req_spt);
constexpr std::uint8_t req_reserved = 0x80;  // bit of Req-SPT that is ignored

// Octets of protocol flags for `spis` SPIs, and of flags and SPIs together.
constexpr std::size_t flag_octets(std::size_t spis) { return (spis + 31) / 32 * 4; }
constexpr std::size_t spi_octets(std::size_t spis) { return flag_octets(spis) + 4 * spis; }

std::optional<Message> find_message(const CodePoints& codepoints, Carrier carrier,
                                    std::uint8_t type);

}  // namespace secct
