// SPDX-License-Identifier: GPL-2.0-or-later
// One message held against another: the rules of conversation.def, and what is compared for them.
// Cases of the suite ask for them by name (checks.hpp), `secct check` asks them all.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "protocol/tape.hpp"
#include "replay/verdict.hpp"

namespace secct {

enum class Conversation : std::uint8_t {
#define CONVERSATION(id, clause, field, text) id,
#include "replay/conversation.def"
#undef CONVERSATION
  count
};

struct ConversationRow {
  Conversation id;
  const char* name;
  const char* clause;
  const char* field;
  const char* text;
};

std::span<const ConversationRow> conversation_rules();
const ConversationRow& row(Conversation rule);

Failure broken(Conversation rule, std::string expected, std::string actual);

// AuthPrtr and every sub-option that follows it in its option, Pad1 at the end left out; views the
// tape's octets. Empty without AuthPrtr.
View from_auth(const Tape& tape);

// Replay and token as one number.
std::optional<std::uint64_t> promise(const Tape& tape);

std::size_t context_count(const Tape& tape);

// The first status that is not 200; 200 when all are; nothing when there is none. An unknown one
// counts as 106.
std::optional<std::uint32_t> outcome(const Tape& tape);

// The address in `field`, nothing when the message has none.
std::optional<Address> address_in(const Tape& tape, Field field);

// Whose handover it is: the old care-of address of a HI or a Mobile IPv4 extension, else Paddr.
std::optional<Address> paddr_of(const Tape& tape);

// Nothing when `shreq` shows the octets that the SHIN had from AuthPrtr on.
std::optional<Failure> compare_verbatim(View shin_from_auth, const Tape& shreq);

// Nothing when a reply travels from where its request went to where it came from.
std::optional<Failure> compare_swapped(const Address& request_source,
                                       const Address& request_destination,
                                       const Address& reply_source,
                                       const Address& reply_destination);

}  // namespace secct
