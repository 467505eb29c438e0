// SPDX-License-Identifier: GPL-2.0-or-later
// One message held against another: the rules of conversation.def, and what is compared for them.
// Cases of the suite ask for them by name (checks.hpp), `secct check` asks them all.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "protocol/decode/message_content.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

enum class Conversation : std::uint8_t {
#define CONVERSATION(id, clause, field, text) id,
#include "replay/inspect/conversation.def"
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

// Nothing when `shreq` shows the octets that the SHIN had from AuthPrtr on.
std::optional<Failure> compare_verbatim(View shin_from_auth, const DecodedMessage& shreq);

// Nothing when a reply travels from where its request went to where it came from.
std::optional<Failure> compare_swapped(const Address& request_source,
                                       const Address& request_destination,
                                       const Address& reply_source,
                                       const Address& reply_destination);

}  // namespace secct::replay
