// SPDX-License-Identifier: GPL-2.0-or-later
// The malformed catalogue (docs/malformed.md): named faults, each of which changes one field or
// entry of a valid message, its twin. The entries are data, generator/malformed/catalogue/*.yaml.
// In addition every message is truncated after each of its octets.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generator/handover/handover_variables.hpp"
#include "generator/namespace.hpp"
#include "generator/packet/ipv6_fragments.hpp"

namespace secct::generator {

// How a router reacts to a malformed message (docs/behaviour.md section 4).
struct Reaction {
  enum class Kind : std::uint8_t {
    discard,              // no answer and no change of state
    ignored,              // processes the message as if it had no fault
    status,               // answers with SecCT-Stat `value`
    status_or_nothing,    // the same, or no answer: the answer to a P-SHIN is optional
    status_or_forwarded,  // the same, or forwards a SHIN unread
    forwarded,            // forwards a SHIN unread; the previous router answers with `value`
    code,                 // answers with code `value` in a HAck or Registration Reply
    any                   // not specified, but the next valid exchange must work
  };
  Kind kind = Kind::discard;
  std::uint8_t value = 0;

  bool operator==(const Reaction&) const = default;
};
// "discard", "status 106", "code 128": for comments and `secct list malformed`.
std::string reaction_text(const Reaction& reaction);

// An entry of the catalogue. Its fault is one of `edit`, `twice` and `fragments`.
struct Malformed {
  std::string name;          // "shreq-hop-limit-254"
  std::string message;       // of Handover::by_name()
  std::vector<Edit> twin;    // edits that turn this message into the twin, which is still valid
  std::optional<Edit> edit;  // this edit of the twin
  bool twice = false;        // the twin is sent twice
  std::vector<FragmentSpec> fragments;  // the twin is sent in these fragments
  // Several random edits, all but the last one in `twin`. What they break is not known.
  bool random = false;
  std::vector<std::string> clauses;
  std::vector<std::string> needs;  // capabilities that the router must have to receive the twin
  std::optional<Rule> rule;  // that the decoder reports; std::nullopt: the octets do not show it
  std::vector<Rule> also;    // reported because a receiver reads some octets as something else
  std::optional<Role> role;  // of the receiving router; std::nullopt: the mobile node receives it
  Reaction reaction;
  std::string why;  // the defect, one line
};

// The entries of the files, in their order. Truncated messages are not included.
std::span<const Malformed> malformed();
// An entry of the files, or a truncated message ("cut-shreq-12" has 12 octets left). UsageError
// suggests a name.
const Malformed& find_malformed(std::string_view name);

// The fault for users: "with ipv6.hlim = 254", "the very same packet again".
std::string fault_text(const Malformed& entry);

// The comment of a malformed packet: name, fault, expected reaction, clauses and why.
std::string comment(const Malformed& entry);

// Turns `packet`, a message with the name `entry.message`, into the twin. Edits may use the
// `variables`, and $ah-back, $esp-out and $esp-back, the SPIs of the SAs in `keys` in
// ("out") or against ("back") the direction of the packet. UsageError if an edit does not fit the
// packet, which has another protection or fewer SAs.
void make_twin(const Malformed& entry, const CodePoints& codepoints, const Variables& variables,
               const Keyring& keys, PacketDocument& packet);

// Adds to `keys` the SAs of AH and ESP headers of `packet` with an SPI that does not exist: each
// has the keys of the SA of the header in `twin`, the packet without the change.
void add_keys_of_unknown_spis(const PacketDocument& packet, const PacketDocument& twin,
                              Keyring& keys);

// Returns the malformed packet, or its fragments. Adds to `keys` the keys that the sender of such a
// packet uses: for an SPI or a Paddr that does not exist. UsageError as make_twin().
std::vector<PacketDocument> malform(const Malformed& entry, const CodePoints& codepoints,
                                    const Variables& variables, const PacketDocument& twin,
                                    Keyring& keys);

}  // namespace secct::generator
