// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of the replies between the routers: HAck, SHREP, SHREP-Ack.
#include <algorithm>

#include "protocol/tables/numbers.hpp"
#include "protocol/tables/status.hpp"
#include "replay/check/judge.hpp"

namespace secct::replay {
namespace {

using F = Field;
using Kind = HandoverKey::Kind;

// Limits of one handover, so that a capture cannot exhaust the memory.
constexpr std::size_t max_contexts = 4096;
constexpr std::size_t max_messages = 64;

std::string list(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (const auto number : numbers) text += (text.empty() ? "" : ", ") + hex(number);
  return text.empty() ? "none" : text;
}

}  // namespace

TrackedHandover* ConversationJudge::hack(CurrentMessage& current) {
  auto* handover =
      handovers_.find({Kind::hi, current.identifier, current.destination, current.source});
  if (handover == nullptr) {
    // The Identifier or the addresses are wrong: the mobile node identifies the HI, or else it is
    // the latest one between the two routers.
    if (const auto paddr = address_in(current.decoded, F::paddr)) {
      handover = handovers_.find({Kind::paddr, 0, *paddr, {}});
    } else {
      handover = handovers_.find({Kind::routers, 0, current.destination, current.source});
    }
    if (handover == nullptr || handover->hi.frame == 0 || handover->hi.answered) return handover;
    current.expect_identifier(Conversation::hack_identifier, handover->hi);
    if (auto failure = compare_swapped(handover->hi.from, handover->hi.to, current.source,
                                       current.destination)) {
      current.failures.push_back(std::move(*failure));
    }
  }
  const bool is_first = !handover->hi.answered;
  handover->hi.answered = true;
  const auto code = current.decoded.number(F::code).value_or(0);
  const bool refused = code >= hack_code::refused;
  if (!refused && handover->stateful &&
      (code < hack_code::assigned || code > hack_code::not_assigned)) {
    current.report(Conversation::hack_stateful, "3 or 4", std::to_string(code));
  } else if (!refused && !handover->stateful && code > hack_code::in_use) {
    current.report(Conversation::hack_stateless, "0, 1 or 2", std::to_string(code));
  }
  if (code == hack_code::assigned) {
    const auto* ncoa = current.decoded.find(F::opt_address);
    if (ncoa == nullptr) {
      current.report(Conversation::hack_no_ncoa, "an IP Address option", "none");
    } else {
      handover->naddr = current.decoded.address(*ncoa);
      handovers_.add_key(*handover, {Kind::naddr, 0, handover->naddr, {}});
    }
  }
  const bool acknowledges = current.decoded.find(F::all_received) != nullptr;
  if (acknowledges && refused) current.report(Conversation::hack_refused_ack, "none", "SHREP-Ack");
  if (acknowledges && handover->hi_after_shreq) {
    current.report(Conversation::hack_late_ack, "none", "SHREP-Ack");
  }
  if (!acknowledges && !refused && !handover->hi_after_shreq && !handover->unacknowledged.empty()) {
    current.report(Conversation::hack_no_ack, "SHREP-Ack", "none");
  }
  if (acknowledges && is_first) check_acknowledgment(current, *handover);
  return handover;
}

TrackedHandover* ConversationJudge::shrep(CurrentMessage& current) {
  const auto naddr = address_in(current.decoded, F::naddr);
  const auto paddr = address_in(current.decoded, F::paddr);
  auto* handover =
      handovers_.find({Kind::shreq, current.identifier, current.destination, current.source});
  if (handover == nullptr || (paddr && handover->paddr != *paddr)) {
    auto* other = paddr ? handovers_.find({Kind::paddr, 0, *paddr, {}}) : nullptr;
    // Paddr takes precedence over the Identifier, which another handover may have used before.
    if (other != nullptr && other->shreq.frame != 0) handover = other;
    if (handover == nullptr) return other;
    current.expect_identifier(Conversation::shrep_identifier, handover->shreq);
    current.expect_address(Conversation::shrep_paddr, handover->paddr, paddr);
  }
  current.expect_address(Conversation::shrep_naddr, handover->shreq_naddr, naddr);
  handover->shreq.answered = true;
  const bool repeated = handover->shrep.frame != 0 && handover->shrep.hash == current.hash;
  handover->shrep = current.seen();
  if (repeated) return handover;
  handovers_.add_key(*handover, {Kind::routers, 0, current.source, current.destination});
  const auto result = first_error_status(current.decoded);
  if (result && *result != status::ok) {
    handover->expected_status = *result;
  } else if (handover->token_wrong) {
    current.report(Conversation::token_accepted, std::to_string(status::invalid_authentication),
                   std::to_string(status::ok));
  }
  check_contexts(current, *handover, Conversation::clear_shrep);
  const auto spis = numbers_in(current.decoded, F::sa_spi);
  const bool succeeded = result.value_or(status::ok) == status::ok;
  if (succeeded && !handover->requested_spis.empty() && !spis.empty() &&
      spis != handover->requested_spis) {
    current.report(Conversation::context_order, list(handover->requested_spis), list(spis));
  }
  return handover;
}

TrackedHandover* ConversationJudge::shrep_ack(CurrentMessage& current) {
  const auto paddr = address_in(current.decoded, F::paddr);
  auto* handover = paddr ? handovers_.find({Kind::paddr, 0, *paddr, {}}) : nullptr;
  if (handover == nullptr) {
    handover =
        handovers_.find({Kind::shreq, current.identifier, current.source, current.destination});
    if (handover == nullptr) return nullptr;
    current.expect_address(Conversation::ack_paddr, handover->paddr, paddr);
  }
  if (handover->shrep.frame == 0) return handover;
  current.expect_identifier(Conversation::ack_identifier, handover->shrep);
  current.expect_address(Conversation::ack_naddr, handover->shreq_naddr,
                         address_in(current.decoded, F::naddr));
  check_acknowledgment(current, *handover);
  return handover;
}

// A SHREP-Ack option, in a HAck or in a SHREP-Ack message.
void ConversationJudge::check_acknowledgment(CurrentMessage& current, TrackedHandover& handover) {
  const auto all_received = current.decoded.number(F::all_received);
  if (!all_received) return;
  if (handover.unacknowledged.empty()) {
    if (handover.spis.empty()) current.report(Conversation::ack_unexpected, "none", "SHREP-Ack");
    return;
  }
  if (*all_received != 0) {
    if (handover.expected_status == 0) handover.expected_status = status::ok;
    handover.unacknowledged.erase(handover.unacknowledged.begin());
    return;
  }
  const auto stats = static_cast<std::uint32_t>(
      std::ranges::count(current.decoded.fields, F::status, &DecodedField::field));
  // With continuations it may acknowledge any of the messages.
  const auto acknowledged = std::ranges::find(handover.unacknowledged, stats);
  if (acknowledged == handover.unacknowledged.end()) {
    current.report(Conversation::ack_count, std::to_string(handover.unacknowledged.back()),
                   std::to_string(stats));
    handover.unacknowledged.clear();
  } else {
    handover.unacknowledged.erase(acknowledged);
  }
  if (const auto result = first_error_status(current.decoded)) handover.expected_status = *result;
}

// The contexts of a SHREP or U-SHREP.
void ConversationJudge::check_contexts(CurrentMessage& current, TrackedHandover& handover,
                                       Conversation in_clear) {
  const auto count = context_count(current.decoded);
  if (count == 0) return;
  handover.context_received = true;
  handover.unacknowledged.push_back(static_cast<std::uint32_t>(count));
  for (const auto& field : current.decoded.fields) {
    if (field.field != F::contexts || handover.spis.size() >= max_contexts) continue;
    const auto* spi = current.decoded.find_in(field, F::sa_spi);
    if (spi == nullptr) continue;
    handover.spis.push_back(static_cast<std::uint32_t>(spi->number));
  }
  if (handover.context_messages.size() < max_messages) {
    handover.context_messages.push_back(octets_of(current.decoded.octets));
  }
  const auto protection = current.packet.protection();
  if (protection == Protection::none) {
    current.report(in_clear, "AH or ESP", "none");
  } else if (description_ != nullptr && description_->policies.confidential &&
             protection == Protection::ah) {
    current.report(Conversation::not_confidential, "ESP", "AH");
  }
}

}  // namespace secct::replay
