// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of conversation.def, which compare a message with other messages of its handover.
// Predicates of cases use single rules (tester/predicates.cpp); `secct check` checks all of them.
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

// The failure for a violation of the rule.
Failure broken(Conversation rule, std::string expected, std::string actual);

// std::nullopt if `shreq` contains the octets of the SHIN from AuthPrtr on, followed by nothing but
// padding.
std::optional<Failure> compare_verbatim(View shin_from_auth, const DecodedMessage& shreq);

// std::nullopt if source and destination of the reply are those of the request, swapped.
std::optional<Failure> compare_swapped(const Address& request_source,
                                       const Address& request_destination,
                                       const Address& reply_source,
                                       const Address& reply_destination);

}  // namespace secct::replay
