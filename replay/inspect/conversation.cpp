// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/conversation.hpp"

#include <algorithm>

namespace secct::replay {
namespace {

constexpr ConversationRow rows[] = {
#define CONVERSATION(id, clause, field, text) {Conversation::id, #id, clause, field, text},
#include "replay/inspect/conversation.def"
#undef CONVERSATION
};

}  // namespace

std::span<const ConversationRow> conversation_rules() { return rows; }
const ConversationRow& row(Conversation rule) { return rows[static_cast<std::size_t>(rule)]; }

Failure broken(Conversation rule, std::string expected, std::string actual) {
  const auto& found = row(rule);
  return {found.clause, found.field, std::move(expected), std::move(actual), found.text};
}

std::optional<Failure> compare_verbatim(View shin_from_auth, const DecodedMessage& shreq) {
  // Of an ICMP option. Where it begins is unknown if the sub-options are malformed.
  constexpr std::size_t max_padding = 7;
  const auto copied = from_auth(shreq);
  const auto length = std::min(shin_from_auth.size(), copied.size());
  const auto rest = copied.subspan(length);
  const bool padded = rest.size() <= max_padding && std::ranges::count(rest, 0) == std::ssize(rest);
  if (std::ranges::equal(shin_from_auth, copied.first(length)) && padded) return std::nullopt;
  return broken(Conversation::not_verbatim, to_hex(shin_from_auth), to_hex(copied));
}

std::optional<Failure> compare_swapped(const Address& request_source,
                                       const Address& request_destination,
                                       const Address& reply_source,
                                       const Address& reply_destination) {
  if (reply_source == request_destination && reply_destination == request_source) {
    return std::nullopt;
  }
  return broken(Conversation::hack_addresses,
                to_text(request_destination) + " to " + to_text(request_source),
                to_text(reply_source) + " to " + to_text(reply_destination));
}

}  // namespace secct::replay
