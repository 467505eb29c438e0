// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/conversation.hpp"

#include <algorithm>

namespace secct {
namespace {

using F = Field;

constexpr ConversationRow rows[] = {
#define CONVERSATION(id, clause, field, text) {Conversation::id, #id, clause, field, text},
#include "replay/conversation.def"
#undef CONVERSATION
};

constexpr std::uint32_t status_ok = 200;
constexpr std::uint32_t status_unusable = 106;
constexpr std::uint64_t old_care_of = 1;

}  // namespace

std::span<const ConversationRow> conversation_rules() { return rows; }
const ConversationRow& row(Conversation rule) { return rows[static_cast<std::size_t>(rule)]; }

Failure broken(Conversation rule, std::string expected, std::string actual) {
  const auto& found = row(rule);
  return {found.clause, found.field, std::move(expected), std::move(actual), found.text};
}

View from_auth(const Tape& tape) {
  const auto* replay = tape.find(F::auth_replay);
  if (replay == nullptr) return {};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  for (std::size_t i = 0; i < tape.items.size();) {
    const auto& item = tape.items[i];
    if (item.field != F::sub_options) {
      if (end != 0 && item.field == F::options) break;  // a further option
      ++i;
      continue;
    }
    const bool is_auth =
        item.offset <= replay->offset && replay->offset < item.offset + item.length;
    if (is_auth) begin = item.offset;
    const bool is_pad = item.length > 0 && tape.octets[item.offset] == 0;
    if (is_auth || (end != 0 && !is_pad)) end = item.offset + item.length;
    i = item.end;
  }
  return tape.octets.subspan(begin, end - begin);
}

std::optional<std::uint64_t> promise(const Tape& tape) {
  const auto replay = tape.number(F::auth_replay);
  const auto token = tape.number(F::auth_token);
  if (!replay || !token) return std::nullopt;
  return *replay << 32 | *token;
}

std::size_t context_count(const Tape& tape) {
  return static_cast<std::size_t>(std::ranges::count(tape.items, F::contexts, &Item::field));
}

std::optional<std::uint32_t> outcome(const Tape& tape) {
  std::optional<std::uint32_t> first;
  for (const auto& item : tape.items) {
    if (item.field != F::status) continue;
    if (first && (*first != status_ok || item.number == status_ok)) continue;
    first = find_value(Values::status, item.number) != nullptr
                ? static_cast<std::uint32_t>(item.number)
                : status_unusable;
  }
  return first;
}

std::optional<Address> address_in(const Tape& tape, Field field) {
  const auto* item = tape.find(field);
  if (item == nullptr) return std::nullopt;
  return tape.address(*item);
}

std::optional<Address> paddr_of(const Tape& tape) {
  if (tape.message == Message::mip4) return address_in(tape, F::mip4_old_coa);
  if (tape.message == Message::hi) {
    for (std::size_t i = 0; i < tape.items.size(); ++i) {
      const auto& item = tape.items[i];
      if (item.field != F::opt_subtype || item.number != old_care_of) continue;
      constexpr std::size_t fields_of_option = 5;
      const auto* address = tape.find(F::opt_address, i, i + fields_of_option);
      if (address != nullptr) return tape.address(*address);
    }
  }
  return address_in(tape, F::paddr);
}

std::optional<Failure> compare_verbatim(View shin_from_auth, const Tape& shreq) {
  const auto copied = from_auth(shreq);
  if (std::ranges::equal(shin_from_auth, copied)) return std::nullopt;
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

}  // namespace secct
