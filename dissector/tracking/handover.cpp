// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tracking/handover.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include "dissector/tracking/known_sas.hpp"

namespace secct::dissector {
namespace {

// An unfinished handover (its SHAK may be encrypted) is given up when a mobile node begins another
// one so much later: no timer of docs/behaviour.md section 1 is as long.
constexpr Nanoseconds given_up_after = 60'000'000'000;

constexpr Address any{};

std::size_t hash_octets(const std::uint8_t* octets, std::size_t length) {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(octets), length});
}

bool starts_alone(Message message) { return message != Message::shreq; }

// Options are identified by their addresses only.
bool has_identifier(Pairing pairing) {
  return pairing != Pairing::shin && pairing != Pairing::pshin;
}

Exchange* waiting(Exchange* exchange) {
  return exchange != nullptr && !exchange->pending.empty() ? exchange : nullptr;
}

}  // namespace

std::size_t KeyHash::operator()(const Key& key) const {
  return hash_octets(key.octets.data(), key.octets.size());
}

std::size_t hash_of(View octets) { return hash_octets(octets.data(), octets.size()); }

Key exchange_key(Pairing pairing, std::uint32_t identifier, const Address& from, const Address& to,
                 const Address* paddr) {
  Key key;
  auto* at = key.octets.data();
  *at++ = static_cast<std::uint8_t>(static_cast<unsigned>(pairing) + 1);
  *at++ = paddr != nullptr ? 1 : 0;
  for (unsigned i = 0; i < 4; ++i) *at++ = static_cast<std::uint8_t>(identifier >> 8 * i);
  at = std::ranges::copy(from, at).out;
  at = std::ranges::copy(to, at).out;
  if (paddr != nullptr) std::ranges::copy(*paddr, at);
  return key;
}

Key handover_key(const Address& paddr, const Address& pr) {
  return exchange_key(Pairing::count, 0, paddr, pr);
}

Handover::Handover() = default;
Handover::~Handover() = default;

void Book::clear() {
  latest_.clear();
  exchanges_.clear();
  used_.clear();
  announced_.clear();
  current_.clear();
  handovers_.clear();
}

Handover& Book::add(const Key& key, Nanoseconds now) {
  auto& handover = handovers_.emplace_back();
  handover.number = static_cast<std::uint32_t>(handovers_.size());
  handover.first = now;
  current_[key] = &handover;
  return handover;
}

Handover* Book::find(const Address& paddr, const Address& pr) {
  auto* found = current_.find(handover_key(paddr, pr));
  return found == nullptr ? nullptr : *found;
}

Handover& Book::begin_or_go_on(Message message, const Address& paddr, const Address& pr,
                               Nanoseconds now, bool repeated) {
  const auto key = handover_key(paddr, pr);
  const auto announced_key = handover_key(paddr, any);
  auto* handover = find(paddr, pr);
  if (handover == nullptr || handover->closed) {
    // The mobile node may know the previous router by another address than the new router does.
    auto* announced = message == Message::hi ? announced_.find(announced_key) : nullptr;
    if (announced != nullptr && *announced != nullptr && !(*announced)->closed) {
      handover = *announced;
      current_[key] = handover;
    }
  }
  const auto index = static_cast<std::size_t>(message);
  bool is_new = handover == nullptr || (handover->closed && !repeated);
  if (!is_new && !repeated && starts_alone(message) && handover->seen[index]) {
    is_new = now - handover->last > given_up_after;
  }
  if (is_new) handover = &add(key, now);
  if (message == Message::pshin) announced_[announced_key] = handover;
  if (message == Message::hi && !announced_.empty()) announced_[announced_key] = nullptr;
  return *handover;
}

Exchange& Book::request(Pairing pairing, std::uint32_t identifier, const Address& from,
                        const Address& to, const Address& paddr) {
  auto& exchange = exchanges_[exchange_key(pairing, identifier, from, to, &paddr)];
  exchange.from = from;
  exchange.to = to;
  latest_[exchange_key(pairing, identifier, from, to)] = &exchange;
  if (has_identifier(pairing)) latest_[exchange_key(pairing, 0, from, to, &any)] = &exchange;
  if (pairing == Pairing::shin) latest_[exchange_key(pairing, 0, from, any)] = &exchange;
  if (pairing == Pairing::hi) latest_[exchange_key(pairing, identifier, any, any)] = &exchange;
  return exchange;
}

bool Book::is_used(const Address& paddr, const Address& pr, std::uint32_t replay) const {
  const auto* values = used_.find(handover_key(paddr, pr));
  return values != nullptr && replay < no_replay && (*values)[replay];
}

void Book::use(const Address& paddr, const Address& pr, std::uint32_t replay) {
  if (replay < no_replay) used_[handover_key(paddr, pr)][replay] = true;
}

void Book::join(Exchange& exchange, Pairing pairing, Handover& handover) {
  handover.latest[static_cast<std::size_t>(pairing)] = &exchange;
}

Exchange* Book::latest(const Key& key) const {
  auto* found = latest_.find(key);
  return found == nullptr ? nullptr : *found;
}

Exchange* Book::answered(Pairing pairing, std::uint32_t identifier, const Address& from,
                         const Address& to, const Address* paddr) {
  if (paddr != nullptr) {
    auto* exact = exchanges_.find(exchange_key(pairing, identifier, from, to, paddr));
    if (exact != nullptr) return exact;
  }
  return latest(exchange_key(pairing, identifier, from, to));
}

Exchange* Book::waiting_in(const Handover& handover, Pairing pairing, const Address& from,
                           const Address& to) {
  auto* found = handover.latest[static_cast<std::size_t>(pairing)];
  return found != nullptr && found->from == from && found->to == to ? waiting(found) : nullptr;
}

Exchange* Book::waiting_between(Pairing pairing, const Address& from, const Address& to) {
  return waiting(latest(exchange_key(pairing, 0, from, to, &any)));
}

Exchange* Book::waiting_as(Pairing pairing, std::uint32_t identifier) {
  return waiting(latest(exchange_key(pairing, identifier, any, any)));
}

Exchange* Book::waiting_shin(const Address& from) { return waiting_shin(from, any); }

Exchange* Book::waiting_shin(const Address& from, const Address& to) {
  return waiting(latest(exchange_key(Pairing::shin, 0, from, to)));
}

}  // namespace secct::dissector
