// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/tracker.hpp"

#include <algorithm>

#include "protocol/decode/message_content.hpp"
#include "protocol/tables/status.hpp"

namespace secct::conversation {
namespace {

using F = Field;
using Id = secct::Message;

// The same octets so soon after one another are one packet, captured twice.
constexpr Time copy_time = milliseconds(1);
constexpr std::size_t most_seen = 8;      // different messages of one exchange
constexpr std::size_t most_pending = 64;  // requests of one exchange

// A router's timer may have coarse ticks, and the timestamps of a capture vary.
Time tolerated(Time interval) { return interval - interval / 5; }

Time distance(Time a, Time b) { return a > b ? a - b : b - a; }

std::string in_seconds(Time time) {
  const auto milli = time / 1'000'000;
  auto fraction = std::to_string(milli % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::to_string(milli / 1000) + "." + fraction + " s";
}

}  // namespace

void HiddenPairs::add(const Address& source, const Address& destination) {
  if (pairs_.size() <= most) pairs_.emplace(source, destination);
}

bool HiddenPairs::contains(const Address& a, const Address& b) const {
  if (pairs_.empty()) return false;
  return pairs_.size() > most || pairs_.contains({a, b}) || pairs_.contains({b, a});
}

void Tracker::run() {
  const auto& decoded = at_.decoded;
  const auto paddr = paddr_of(decoded);
  switch (decoded.message) {
    case Id::pshin: begin(Pairing::pshin, paddr, at_.destination); break;
    case Id::hi: begin(Pairing::hi, paddr, at_.source); break;
    case Id::shin: begin(Pairing::shin, paddr, address_in(decoded, F::router)); break;
    case Id::shreq: begin(Pairing::shreq, paddr, at_.destination); break;
    case Id::mip4_request:
      begin(Pairing::registration, paddr, address_in(decoded, F::mip4_router));
      break;
    case Id::hack: answer(Pairing::hi, address_in(decoded, F::paddr)); break;
    // Without Paddr, another mobile node's message may have the same Identifier.
    case Id::shrep:
      if (paddr) shrep(*paddr);
      break;
    case Id::shrep_ack:
      if (paddr) answer(Pairing::shrep, paddr);
      break;
    case Id::shak: shak(); break;
    case Id::mip4_reply: answer(Pairing::registration, std::nullopt); break;
    default: break;  // a message of no handover
  }
  if (!is_copy()) verify_token(at_, handover_, request_);
  finish();
}

bool Tracker::was_seen(const Exchange& exchange) const {
  return std::ranges::find(exchange.seen, hash_, &Exchange::Seen::hash) != exchange.seen.end();
}

// True when the message repeats another one. `awaited`: see is_awaited().
bool Tracker::record(Exchange& exchange, bool awaited) {
  if (!at_.complete) return false;
  const auto now = at_.message.time;
  const auto seen = std::ranges::find(exchange.seen, hash_, &Exchange::Seen::hash);
  if (seen == exchange.seen.end()) {
    if (exchange.seen.size() == most_seen) exchange.seen.erase(exchange.seen.begin());
    exchange.seen.push_back({hash_, at_.message.frame, at_.message.frame, now, 1});
    return false;
  }
  const auto since = distance(now, seen->last);
  if (!awaited && since <= copy_time && at_.decoded.envelope.protection == Protection::none) {
    at_.found.copy_of = seen->latest;
    return true;
  }
  seen->latest = at_.message.frame;
  seen->last = std::max(seen->last, now);
  // CONTEXT_PURGE_TIME is the longest time for which a router keeps an answer (behaviour 1).
  if (awaited || since > at_.timers.context_purge) {
    seen->frame = at_.message.frame;
    seen->sent = 1;
    return false;
  }
  ++seen->sent;
  at_.found.retransmission_of = seen->frame;
  at_.found.add(RuleId::retransmission);
  judge_interval(exchange, *seen, since);
  return true;
}

// Retransmissions of HI and SHREQ have an interval and a number (behaviour 1).
void Tracker::judge_interval(const Exchange& exchange, const Exchange::Seen& seen, Time since) {
  const bool is_hi = at_.decoded.message == Id::hi;
  if (!is_hi && at_.decoded.message != Id::shreq) return;
  const auto interval = is_hi ? at_.timers.hi_rexmit : at_.timers.shreq_rexmit;
  const auto retries = is_hi ? at_.timers.hi_retries : at_.timers.shreq_retries;
  // Packets with one time are from a capture without precise times.
  if (exchange.is_waiting() && since > 0 && since < tolerated(interval)) {
    at_.found.add(is_hi ? RuleId::hi_soon : RuleId::shreq_soon, in_seconds(interval) + " later",
                  in_seconds(since));
  }
  if (seen.sent == retries + 2) {
    at_.found.add(is_hi ? RuleId::hi_often : RuleId::shreq_often,
                  std::to_string(retries) + " retransmissions", std::to_string(seen.sent - 1));
  }
}

// --- requests
// A message that may be the first of its handover.
void Tracker::begin(Pairing pairing, const std::optional<Address>& paddr,
                    const std::optional<Address>& pr) {
  if (!paddr || !pr) return;
  auto& exchange = handovers_.request(pairing, at_.identifier, at_.source, at_.destination, *paddr);
  handover_ = exchange.handover;
  if (is_copy() && handover_ != nullptr) return;
  // The same request again gets the same answer, at any time (behaviour 3.3).
  const bool same_request = was_seen(exchange);
  const bool repeated = record(exchange) && handover_ != nullptr;
  if (is_copy() && repeated) return;
  if (!repeated) handover_ = &handover_of_request(exchange, *paddr, *pr);
  const bool is_new = exchange.handover != handover_;
  if (is_new) exchange.start_afresh();
  handovers_.join(exchange, *handover_);
  note_hidden(*handover_);
  request_ = &exchange;
  if (!repeated) {
    exchange.naddr = address_in(at_.decoded, F::naddr).value_or(Address{});
    exchange.paddr = *paddr;
    if (is_new || !exchange.is_waiting()) exchange.first_time = at_.message.time;
    record_naddr(pairing);
    compare_request(at_, *handover_, exchange, is_new);
    exchange.replay = replay_of(at_.decoded);
    if (pairing == Pairing::shreq && !same_request &&
        handovers_.is_used(*paddr, *pr, exchange.replay)) {
      at_.found.add(RuleId::replay_used);
    }
  }
  at_.found.wants_reply = pairing != Pairing::pshin;
  // Contexts may have been sent before, in another message of this transfer.
  expect_reply(exchange, at_.is_gapless_since(at_.ago(at_.timers.context_purge)));
}

Handover& Tracker::handover_of_request(const Exchange& exchange, const Address& paddr,
                                       const Address& pr) {
  // A message that was cut may repeat another one.
  if (exchange.handover != nullptr && !at_.complete) return *exchange.handover;
  if (auto* mistaken = mistaken_shreq(paddr, pr)) return *mistaken;
  const auto id = at_.decoded.message;
  const bool is_first = id == Id::shin || id == Id::mip4_request;
  return handovers_.begin_or_continue(id, paddr, pr, is_first ? replay_of(at_.decoded) : no_replay,
                                      at_.message.time);
}

// The handover of a SHREQ that names another router or another mobile node than its SHIN.
Handover* Tracker::mistaken_shreq(const Address& paddr, const Address& pr) {
  if (at_.decoded.message != Id::shreq) return nullptr;
  const auto* named = handovers_.find(paddr, pr);
  if (named != nullptr && (named->closed || named->has(Id::shin) || named->shreq_sent)) {
    return nullptr;
  }
  const auto naddr = address_in(at_.decoded, F::naddr);
  const auto* shin = naddr ? handovers_.waiting_shin(*naddr, at_.source) : nullptr;
  // Only a copy has the same token. The mobile node may have another previous address or router.
  const auto shown = replay_and_token(at_.decoded);
  if (shin == nullptr || shin->handover->shreq_sent || !shown || shown != shin->handover->shown) {
    return nullptr;
  }
  if (shin->paddr != paddr) {
    at_.found.add(RuleId::shreq_paddr, to_text(shin->paddr), to_text(paddr));
  } else {
    at_.found.add(RuleId::shreq_router, to_text(shin->handover->router), to_text(pr));
  }
  return shin->handover;
}

// The SHIN comes from the mobile node's new address; before it, the HI or SHREQ states it.
void Tracker::record_naddr(Pairing pairing) {
  if (pairing == Pairing::shin) return handovers_.set_naddr(*handover_, at_.source);
  const auto naddr = address_in(at_.decoded, F::naddr);
  if (naddr && is_unspecified(handover_->naddr)) handovers_.set_naddr(*handover_, *naddr);
}

// `is_certain`: no other message with contexts of this transfer is missing.
void Tracker::expect_reply(Exchange& exchange, bool is_certain) {
  const auto& message = at_.message;
  if (!exchange.is_waiting()) {
    exchange.contexts.clear();
    exchange.contexts_unknown = false;
  }
  if (exchange.pending.size() == most_pending) exchange.pending.erase(exchange.pending.begin());
  if (!at_.is_retransmission() && exchange.is_answered_separately()) {
    const bool is_full = exchange.contexts.size() == most_pending;
    if (!is_full) {
      exchange.contexts.push_back(static_cast<std::uint32_t>(context_count(at_.decoded)));
    }
    if (!at_.complete || !is_certain || is_full) {
      exchange.contexts_unknown = true;
      handover_->sas_unknown = true;
    }
  }
  const auto original = at_.is_retransmission() ? at_.found.retransmission_of : message.frame;
  exchange.pending.push_back({message.cookie, message.frame, original, message.time});
  exchange.request_frame = message.frame;
  exchange.request_time = message.time;
}

// --- all messages
void Tracker::note_hidden(Handover& handover) const {
  handover.hidden |= is_hidden_;
  for (const auto pairing : {Pairing::hi, Pairing::shreq, Pairing::shrep}) {
    const auto* request = handover.latest_of(pairing);
    if (request != nullptr) handover.hidden |= hidden_.contains(request->from, request->to);
  }
}

void Tracker::finish() {
  if (is_copy()) at_.found.add(RuleId::copy);
  if (handover_ == nullptr) return;
  auto& handover = *handover_;
  auto& found = at_.found;
  found.handover = handover.number;
  if (is_copy()) return;
  const auto id = at_.decoded.message;
  found.begins = handover.seen.empty();
  if (found.begins) handover.first_frame = at_.message.frame;
  handover.seen.insert(id);
  handovers_.mark_active(handover, at_.message.time);
  const bool is_result = id == Id::shak || id == Id::mip4_reply;
  if (is_result || id == Id::hack) {
    found.handover_time = at_.since(handover.first);
  }
  if (is_result) close(handover);
  if (found.begins && found.outcome == Outcome::none) found.outcome = Outcome::begun;
}

void Tracker::close(Handover& handover) {
  // A SHAK from the previous router does not end a handover that continued.
  const bool by_previous = at_.found.answers == Pairing::pshin;
  if (handover.closed || (by_previous && handover.has(Id::hi))) return;
  handovers_.close(handover);
  const auto status = first_error_status(at_.decoded);
  if (!status && !at_.complete) return;  // the status is cut off
  at_.found.outcome = status == status::ok ? Outcome::completed : Outcome::failed;
}

}  // namespace secct::conversation
