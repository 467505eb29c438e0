// SPDX-License-Identifier: GPL-2.0-or-later
// The replies: HAck, SHREP, SHREP-Ack, SHAK, Registration Reply.
#include <algorithm>

#include "conversation/tracker.hpp"
#include "protocol/decode/message_content.hpp"

namespace secct::conversation {
namespace {

using F = Field;
using Id = secct::Message;

// A SHAK for which a SHREP was seen, or a reply whose request has no reply so far: not a repetition
// even if it has the same octets as another one.
bool is_awaited(const Exchange& exchange) {
  if (exchange.pairing == Pairing::shin) return exchange.handover->unreported > 0;
  if (!exchange.is_answered_separately() || !exchange.is_waiting()) return false;
  const auto& first = exchange.pending.front();
  return first.frame == first.original;
}

}  // namespace

Exchange* Tracker::answer(Pairing pairing, const std::optional<Address>& paddr) {
  auto* exchange = handovers_.answered(pairing, at_.identifier, at_.destination, at_.source,
                                       paddr ? &*paddr : nullptr);
  // A HAck without SHREP-Ack does not name the mobile node.
  if (exchange != nullptr && pairing == Pairing::hi && !paddr && exchange->shares_identifier) {
    return nullptr;
  }
  if (exchange == nullptr || !may_answer(*exchange, paddr)) {
    if (is_copy()) return nullptr;
    find_mistaken(pairing, paddr);
    if (handover_ == nullptr && paddr) handover_ = by_addresses(*paddr);
    doubt_contexts(pairing);
    if (handover_ != nullptr) handover_->expected.doubt();
    return nullptr;
  }
  handover_ = exchange->handover;
  if (is_copy()) return exchange;
  const bool was_waiting = exchange->is_waiting();
  const bool may_be_compared = may_compare(*exchange, paddr.has_value());
  record(*exchange, is_awaited(*exchange));
  if (is_copy()) return exchange;
  if (!was_waiting) doubt_contexts(pairing);
  note_hidden(*handover_);
  if (may_be_compared) compare_reply(at_, *exchange);
  settle(*exchange);
  return exchange;
}

// An acknowledgment for which no contexts wait: they may not be in the capture.
void Tracker::doubt_contexts(Pairing pairing) {
  if (handover_ == nullptr || !answers_separately(pairing)) return;
  handover_->sas_unknown = true;
  handover_->succeeded_early = false;
}

// Whether the request is the one that the reply answers, repeats the answer to, or continues. The
// Identifier may have been used again, by a request that is not in the capture.
bool Tracker::may_answer(const Exchange& exchange, const std::optional<Address>& paddr) const {
  const auto is_latest = [&] { return exchange.handover == by_addresses(*paddr); };
  switch (exchange.pairing) {
    case Pairing::hi: return exchange.is_waiting() || was_seen(exchange);
    case Pairing::shreq:
      if (exchange.is_waiting()) return !exchange.handover->closed || is_latest();
      return is_latest() && address_in(at_.decoded, F::naddr) == exchange.naddr;
    case Pairing::shrep:
      // One without contexts is not acknowledged.
      return (exchange.is_waiting() && (exchange.has_contexts() || is_latest())) ||
             was_seen(exchange);
    case Pairing::shin: return !has_later_handover(exchange);
    default: return true;
  }
}

// A later handover of this mobile node is under way, whose SHIN is not in the capture.
bool Tracker::has_later_handover(const Exchange& shin) const {
  const auto* later = handovers_.find_by_naddr(at_.destination);
  return later != nullptr && later->number > shin.handover->number;
}

// `names_node`: the reply has a Paddr.
bool Tracker::may_compare(const Exchange& exchange, bool names_node) const {
  switch (exchange.pairing) {
    case Pairing::hi: return exchange.is_waiting() && (names_node || !is_hidden_);
    case Pairing::shrep: return exchange.is_waiting();
    // SHINs for two previous addresses of the mobile node.
    case Pairing::shin: return !exchange.shares_identifier;
    // After the end of the handover it may answer a later request that is not in the capture.
    case Pairing::shreq: return exchange.is_waiting() || !exchange.handover->closed;
    default: return true;
  }
}

// Answers the earliest request with its retransmissions, or all that wait.
void Tracker::settle(Exchange& exchange) {
  auto& pending = exchange.pending;
  const auto first = pending.empty() ? 0 : pending.front().original;
  auto frame = exchange.request_frame;
  auto time = exchange.request_time;
  std::erase_if(pending, [&](const Exchange::Pending& request) {
    if (exchange.is_answered_separately() && request.original != first) return false;
    if (at_.events != nullptr) at_.events->responded(request.cookie, at_.message.frame);
    frame = request.frame;
    time = request.time;
    return true;
  });
  at_.found.response_to = frame;
  at_.found.response_time = at_.since(time);
  at_.found.answers = exchange.pairing;
}

// A reply without its request; or the reply to a waiting request, with a mistake, unless its
// request may be among the packets that were not decrypted.
void Tracker::find_mistaken(Pairing pairing, const std::optional<Address>& paddr) {
  if (!is_hidden_) mistaken_ = mistaken_request(pairing, paddr);
  if (mistaken_ != nullptr) {
    compare_ends(at_, *mistaken_);
    handover_ = mistaken_->handover;
  } else {
    at_.found.add(is_hidden_ ? RuleId::request_hidden : RuleId::request_missing);
  }
}

Exchange* Tracker::mistaken_request(Pairing pairing, const std::optional<Address>& paddr) const {
  if (pairing == Pairing::shin) return handovers_.waiting_shin(at_.destination);
  if (!paddr) return nullptr;
  switch (pairing) {
    case Pairing::hi: return mistaken_hi(*paddr);
    case Pairing::shreq:
    case Pairing::shrep: {
      auto* other = other_identifier(pairing, *paddr);
      return other != nullptr ? other : other_paddr(pairing, *paddr);
    }
    default: return nullptr;
  }
}

Exchange* Tracker::mistaken_hi(const Address& paddr) const {
  if (auto* other = other_identifier(Pairing::hi, paddr)) return other;
  auto* same = handovers_.waiting_hi(at_.identifier);
  return same != nullptr && same->paddr == paddr ? same : nullptr;
}

// The waiting request of this mobile node with another Identifier.
Exchange* Tracker::other_identifier(Pairing pairing, const Address& paddr) const {
  const auto* handover = by_addresses(paddr);
  if (handover == nullptr || handover->closed) return nullptr;
  auto* request = handover->latest_of(pairing);
  if (request == nullptr || !request->is_waiting() || request->from != at_.destination ||
      request->to != at_.source || request->identifier == at_.identifier ||
      at_.since(request->request_time) > at_.timers.context_purge) {
    return nullptr;
  }
  if (pairing == Pairing::shrep && !request->has_contexts()) return nullptr;
  const auto naddr = address_in(at_.decoded, F::naddr);
  const bool same_naddr = pairing == Pairing::hi || !naddr || is_unspecified(request->naddr) ||
                          *naddr == request->naddr;
  return same_naddr ? request : nullptr;
}

// The waiting request with this Identifier and Naddr, for another Paddr. The Naddr must belong to
// one mobile node: a foreign agent has one for all.
Exchange* Tracker::other_paddr(Pairing pairing, const Address& paddr) const {
  auto* request =
      handovers_.answered(pairing, at_.identifier, at_.destination, at_.source, nullptr);
  if (request == nullptr || !request->is_waiting() || request->shares_identifier ||
      by_addresses(paddr) != nullptr) {
    return nullptr;
  }
  const auto& naddr = request->naddr;
  const bool is_own = naddr != at_.source && naddr != at_.destination && !is_unspecified(naddr);
  return is_own && address_in(at_.decoded, F::naddr) == naddr ? request : nullptr;
}

// The handover of a message between the routers, from its addresses.
Handover* Tracker::by_addresses(const Address& paddr) const {
  return handovers_.find(paddr, at_.decoded.message == Id::shrep ? at_.source : at_.destination);
}

void Tracker::shrep(const Address& paddr) {
  const auto* request = answer(Pairing::shreq, paddr);
  if (is_copy()) return;
  const auto contexts = context_count(at_.decoded);
  if (request != nullptr && contexts > 0) {
    handovers_.use(request->paddr, request->to, request->replay);
  }
  if (handover_ == nullptr) {
    handover_ =
        &handovers_.begin_or_continue(Id::shrep, paddr, at_.source, no_replay, at_.message.time);
  }
  note_hidden(*handover_);
  const auto naddr = address_in(at_.decoded, F::naddr).value_or(Address{});
  const bool same_naddr = request == nullptr || request->naddr == naddr;
  const bool is_certain = request != nullptr && at_.is_gapless_since(request->first_time);
  if (request == nullptr) {
    if (contexts > 0) handover_->context_came = true;
    handover_->expected = {};
  }
  // An acknowledgment may repeat the address of the SHREQ or the mistaken one of the SHREP.
  const auto& key_paddr = mistaken_ != nullptr ? mistaken_->key_paddr : paddr;
  auto& exchange =
      handovers_.request(Pairing::shrep, at_.identifier, at_.source, at_.destination, key_paddr);
  if (exchange.handover != handover_) exchange.start_afresh();
  exchange.naddr = same_naddr ? naddr : Address{};
  exchange.paddr = mistaken_ != nullptr ? Address{} : paddr;
  handovers_.join(exchange, *handover_);
  if (request == nullptr) record(exchange);
  if (is_copy()) return;
  if (is_unspecified(handover_->naddr)) handovers_.set_naddr(*handover_, naddr);
  if (!at_.is_retransmission()) {
    compare_contexts(at_, *handover_);
    if (contexts > 0) ++handover_->unreported;
  }
  at_.found.wants_reply = contexts > 0;
  expect_reply(exchange, is_certain);
}

void Tracker::shak() {
  const auto answers = [&](Pairing pairing) {
    return handovers_.answered(pairing, 0, at_.destination, at_.source, nullptr) != nullptr;
  };
  const bool by_previous = !answers(Pairing::shin) && answers(Pairing::pshin);
  answer(by_previous ? Pairing::pshin : Pairing::shin, std::nullopt);
  if (is_copy()) return;
  if (handover_ == nullptr) {
    // The SHIN is not in the capture.
    auto* handover = handovers_.find_by_naddr(at_.destination);
    if (handover != nullptr && !handover->closed) handover_ = handover;
  }
  if (handover_ != nullptr && handover_->unreported > 0) --handover_->unreported;
}

}  // namespace secct::conversation
