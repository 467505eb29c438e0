// SPDX-License-Identifier: GPL-2.0-or-later
// The malformed catalogue: named faults, each the change of one named thing in a valid message (its
// twin). The entries are data, generator/malformed/*.yaml; the cuts of every message are made.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generator/handover/handover_variables.hpp"
#include "generator/namespace.hpp"
#include "generator/packet/ipv6_fragments.hpp"

namespace secct::generator {

// What the router that receives a malformed message does about it (docs/behaviour.md section 4).
struct Reaction {
  enum class Kind : std::uint8_t {
    discard,            // no answer of any kind and no change of state
    ignored,            // as if nothing were wrong
    status,             // SecCT-Stat `value`, in the answer that the message has
    status_or_nothing,  // the same, or no answer: whoever sent a P-SHIN may be left without
    forwarded,          // a SHIN passed on unread; the previous router answers with status `value`
    code,               // HAck or Registration Reply with code `value`
    any                 // nothing says; only that the next valid exchange works
  };
  Kind kind = Kind::discard;
  std::uint8_t value = 0;

  bool operator==(const Reaction&) const = default;
};
std::string reaction_text(const Reaction& reaction);

struct Malformed {
  std::string name;              // "shreq-hop-limit-254"
  std::string message;           // of Handover::by_name: what the twin is made from
  std::vector<Edit> twin;        // what makes that the twin: still valid
  std::optional<Edit> edit;      // the fault; nothing where one of the two below is
  bool twice = false;            // the fault: the very same packet again
  std::vector<Piece> fragments;  // the fault: sent in these pieces
  bool random = false;  // several edits, the others in `twin`: nobody knows what they break
  std::vector<std::string> clauses;
  std::optional<Rule> rule;  // that the decoder reports; nothing: the octets alone do not show it
  std::vector<Rule> also;    // what follows from it: octets that are read as something else
  std::optional<Role> role;  // of the router that receives it; nothing: the mobile node
  Reaction reaction;
  std::string why;  // one line
};

// Every entry, in the order of the files, then the cuts ("cut-shreq-12": 12 octets are left).
std::span<const Malformed> malformed();
// UsageError with the nearest right name.
const Malformed& find_malformed(std::string_view name);

// "ipv6.hlim = 254", "the same packet again": what is wrong, for a comment.
std::string fault_text(const Malformed& entry);

// The comment of a malformed packet: its name, what is wrong, what a router must do and why.
std::string comment(const Malformed& entry);

// Makes the twin of `packet`, a message called `entry.message`. UsageError when the packet has no
// place for it: another protection, fewer SAs than the entry asks for. Besides `values`, the words
// $ah-back, $esp-out and $esp-back are SPIs in `keys`: back to the sender, out as the packet goes.
void make_twin(const Malformed& entry, const CodePoints& codepoints, const VariableResolver& values,
               const Keyring& keys, PacketDocument& packet);

// The malformed packet, or its fragments, for a twin. `keys` get those that a sender of such a
// packet would have used: of an SPI or a Paddr that nobody has. UsageError as make_twin().
std::vector<PacketDocument> malform(const Malformed& entry, const CodePoints& codepoints,
                                    const VariableResolver& values, const PacketDocument& twin,
                                    Keyring& keys);

}  // namespace secct::generator
