// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tracking/handover.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include "dissector/tracking/known_sas.hpp"

namespace secct::dissector {
namespace {

// The SHAK that ends a handover may be encrypted or missing. A handover is therefore also over if a
// message that starts a handover follows after this time, which is longer than all timers of
// docs/behaviour.md section 1.
constexpr Nanoseconds handover_timeout = 60'000'000'000;

constexpr Address any_address{};

std::size_t hash_octets(const std::uint8_t* octets, std::size_t length) {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(octets), length});
}

// A second SHREQ belongs to the handover in progress; a second message of another kind may start a
// new handover.
bool starts_handover(Message message) { return message != Message::shreq; }

// Destination options have no Identifier: only addresses match a SHAK with its request.
bool has_identifier(RequestKind kind) {
  return kind != RequestKind::shin && kind != RequestKind::pshin;
}

// `exchange` if it has an unanswered request, else nullptr.
Exchange* if_unanswered(Exchange* exchange) {
  return exchange != nullptr && !exchange->pending.empty() ? exchange : nullptr;
}

}  // namespace

std::size_t LookupKeyHash::operator()(const LookupKey& key) const {
  return hash_octets(key.octets.data(), key.octets.size());
}

std::size_t hash_of(View octets) { return hash_octets(octets.data(), octets.size()); }

LookupKey exchange_key(RequestKind kind, std::uint32_t identifier, const Address& from,
                       const Address& to, const Address* paddr) {
  LookupKey key;
  auto* at = key.octets.data();
  *at++ = static_cast<std::uint8_t>(static_cast<unsigned>(kind) + 1);
  *at++ = paddr != nullptr ? 1 : 0;
  for (unsigned i = 0; i < 4; ++i) *at++ = static_cast<std::uint8_t>(identifier >> 8 * i);
  at = std::ranges::copy(from, at).out;
  at = std::ranges::copy(to, at).out;
  if (paddr != nullptr) std::ranges::copy(*paddr, at);
  return key;
}

LookupKey handover_key(const Address& paddr, const Address& pr) {
  return exchange_key(RequestKind::count, 0, paddr, pr);
}

Handover::Handover() = default;
Handover::~Handover() = default;

void HandoverStore::clear() {
  latest_exchanges_.clear();
  exchanges_.clear();
  used_replays_.clear();
  announced_by_paddr_.clear();
  current_.clear();
  handovers_.clear();
}

Handover& HandoverStore::create(const LookupKey& key, Nanoseconds now) {
  auto& handover = handovers_.emplace_back();
  handover.number = static_cast<std::uint32_t>(handovers_.size());
  handover.first = now;
  current_[key] = &handover;
  return handover;
}

Handover* HandoverStore::find(const Address& paddr, const Address& pr) {
  auto* found = current_.find(handover_key(paddr, pr));
  return found == nullptr ? nullptr : *found;
}

Handover& HandoverStore::find_or_create(Message message, const Address& paddr, const Address& pr,
                                        Nanoseconds now) {
  const auto key = handover_key(paddr, pr);
  const auto announced_key = handover_key(paddr, any_address);
  auto* handover = find(paddr, pr);
  if (handover == nullptr || handover->closed) {
    // The P-SHIN may have been sent to another address of the previous router than the source of
    // its HI.
    auto* announced = message == Message::hi ? announced_by_paddr_.find(announced_key) : nullptr;
    if (announced != nullptr && *announced != nullptr && !(*announced)->closed) {
      handover = *announced;
      current_[key] = handover;
    }
  }
  bool is_new = handover == nullptr || handover->closed;
  if (!is_new && starts_handover(message) && handover->seen.contains(message)) {
    is_new = now - handover->last > handover_timeout;
  }
  if (is_new) handover = &create(key, now);
  if (message == Message::pshin) announced_by_paddr_[announced_key] = handover;
  if (message == Message::hi && !announced_by_paddr_.empty()) {
    announced_by_paddr_[announced_key] = nullptr;
  }
  return *handover;
}

Exchange& HandoverStore::exchange_for_request(RequestKind kind, std::uint32_t identifier,
                                              const Address& from, const Address& to,
                                              const Address& paddr) {
  auto& exchange = exchanges_[exchange_key(kind, identifier, from, to, &paddr)];
  exchange.from = from;
  exchange.to = to;
  latest_exchanges_[exchange_key(kind, identifier, from, to)] = &exchange;
  if (has_identifier(kind)) {
    latest_exchanges_[exchange_key(kind, 0, from, to, &any_address)] = &exchange;
  }
  if (kind == RequestKind::shin) {
    latest_exchanges_[exchange_key(kind, 0, from, any_address)] = &exchange;
  }
  if (kind == RequestKind::hi) {
    latest_exchanges_[exchange_key(kind, identifier, any_address, any_address)] = &exchange;
  }
  return exchange;
}

bool HandoverStore::is_replay_used(const Address& paddr, const Address& pr,
                                   std::uint32_t replay) const {
  const auto* values = used_replays_.find(handover_key(paddr, pr));
  return values != nullptr && replay < no_replay && (*values)[replay];
}

void HandoverStore::mark_replay_used(const Address& paddr, const Address& pr,
                                     std::uint32_t replay) {
  if (replay < no_replay) used_replays_[handover_key(paddr, pr)][replay] = true;
}

void HandoverStore::set_latest(Exchange& exchange, RequestKind kind, Handover& handover) {
  handover.latest[static_cast<std::size_t>(kind)] = &exchange;
}

Exchange* HandoverStore::latest(const LookupKey& key) const {
  auto* found = latest_exchanges_.find(key);
  return found == nullptr ? nullptr : *found;
}

Exchange* HandoverStore::exchange_for_reply(RequestKind kind, std::uint32_t identifier,
                                            const Address& from, const Address& to,
                                            const Address* paddr) {
  if (paddr != nullptr) {
    auto* exact = exchanges_.find(exchange_key(kind, identifier, from, to, paddr));
    if (exact != nullptr) return exact;
  }
  return latest(exchange_key(kind, identifier, from, to));
}

Exchange* HandoverStore::unanswered_in(const Handover& handover, RequestKind kind,
                                       const Address& from, const Address& to) {
  auto* found = handover.latest[static_cast<std::size_t>(kind)];
  return found != nullptr && found->from == from && found->to == to ? if_unanswered(found)
                                                                    : nullptr;
}

Exchange* HandoverStore::unanswered_between(RequestKind kind, const Address& from,
                                            const Address& to) {
  return if_unanswered(latest(exchange_key(kind, 0, from, to, &any_address)));
}

Exchange* HandoverStore::unanswered_with(RequestKind kind, std::uint32_t identifier) {
  return if_unanswered(latest(exchange_key(kind, identifier, any_address, any_address)));
}

Exchange* HandoverStore::unanswered_shin(const Address& from) {
  return unanswered_shin(from, any_address);
}

Exchange* HandoverStore::unanswered_shin(const Address& from, const Address& to) {
  return if_unanswered(latest(exchange_key(RequestKind::shin, 0, from, to)));
}

}  // namespace secct::dissector
