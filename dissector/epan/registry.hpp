// SPDX-License-Identifier: GPL-2.0-or-later
// Registers the protocol, its fields, subtrees and expert infos with epan. The rows come from the
// tables of protocol/ and conversation/.
#pragma once

#include <array>

#include "conversation/rules.hpp"
#include "dissector/epan/epan.hpp"
#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/fields.hpp"

namespace secct::dissector {

inline constexpr char protocol_name[] = "IPsec Security Context Transfer";

struct Registry {
  int protocol = -1;
  std::array<int, static_cast<std::size_t>(Field::count)> fields{};
  std::array<int, static_cast<std::size_t>(Field::count)> subtrees{};  // of groups and bit fields
  std::array<expert_field, static_cast<std::size_t>(Rule::count)> experts{};
  // Of conversation/rules.def; rules with the same filter share an expert info.
  std::array<expert_field, static_cast<std::size_t>(conversation::RuleId::count)> conversation{};
  // Generated fields that no table of protocol/ has: results of tracking and of keys.
  int retransmission_of = -1;
  int finding = -1;  // beside or above each expert info
  int icv_status = -1;
  int learnt_in = -1;
  int handed_over_in = -1;
  expert_field sa_unused = EI_INIT;  // the preference secct.learn_sas would use the SA
  int ipsec = -1;                    // the subtree of an AH or ESP header with known keys

  int hf(Field field) const { return fields[static_cast<std::size_t>(field)]; }
  int ett(Field field) const { return subtrees[static_cast<std::size_t>(field)]; }
  int ett_protocol() const { return ett(Field::message); }
};

// The ids that epan assigned; valid after register_protocol().
const Registry& registry();
void register_protocol();

// Whether the value in Wireshark is the name of the number: the same number has another name with
// another protocol, so that a filter for the number would find both.
bool is_name(Field field);

// False if the user has disabled the protocol.
bool is_protocol_enabled();

// Updates the value strings of option and sub-option types, which depend on the code points.
void update_codepoint_names(const CodePoints& codepoints);

}  // namespace secct::dissector
