// SPDX-License-Identifier: GPL-2.0-or-later
// The layout of everything inside a message as tables of steps: ICMP options, sub-options, security
// profiles and their lists (docs/wire-format.md sections 4, 6 and 7).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/messages.hpp"
#include "protocol/tables/spt.hpp"
#include "protocol/tables/steps.hpp"

namespace secct {

struct OptionRow {
  CodePoint id;
  Steps steps;
  MessageSet messages{};  // to which it belongs; of a context option see belongs_to()

  constexpr std::uint8_t fixed_octets() const { return secct::fixed_octets(steps); }
  // One of the options that carry the sub-options of a message.
  constexpr bool is_context() const { return steps.back().extent == Extent::sub_options; }
  // Precondition: `message` is not Message::none.
  bool belongs_to(Message message) const;
};

struct SubOptionRow {
  CodePoint id;
  Steps steps;
  MessageSet messages;  // to which it belongs

  constexpr std::uint8_t fixed_octets() const { return secct::fixed_octets(steps); }
};

// A type of additional security data.
struct DataRow {
  std::uint8_t type;
  Steps value;
};
constexpr std::uint8_t first_selector = 128;  // types below are transforms

// The tables, and the row of a code point or type: nullptr if there is none.
std::span<const OptionRow> options();
const OptionRow* find_option(CodePoint id);
std::span<const SubOptionRow> sub_options();
const SubOptionRow* find_sub_option(CodePoint id);
// True if this sub-option belongs to `message`.
bool may_contain(Message message, CodePoint sub_option);
std::span<const DataRow> data_types();
const DataRow* find_data(std::uint8_t type);

Steps spt_steps();  // the SPT before a profile, and its bits
Steps profile_steps();
Steps data_steps();        // type and length; the steps of the value follow
Steps preference_steps();  // type, length, values

// The traits of a profile with this SPT.
std::uint16_t profile_traits(const Spt& spt);
// The traits of a SecCT-req with this Req-SPT; nullopt if the Req-SPT is unknown.
std::optional<std::uint16_t> req_traits(std::uint8_t req_spt);
constexpr std::uint8_t req_reserved = 0x80;  // bit of Req-SPT that receivers ignore

// Octets of the protocol flags for `spis` SPIs, and of flags and SPIs together.
constexpr std::size_t flag_octets(std::size_t spis) { return (spis + 31) / 32 * 4; }
constexpr std::size_t spi_octets(std::size_t spis) { return flag_octets(spis) + 4 * spis; }

}  // namespace secct
