// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/handover.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include "dissector/sa_book.hpp"

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
  const auto found = current_.find(handover_key(paddr, pr));
  return found == current_.end() ? nullptr : found->second;
}

Handover& Book::begin_or_go_on(Message message, const Address& paddr, const Address& pr,
                               Nanoseconds now, bool repeated) {
  const auto key = handover_key(paddr, pr);
  const auto announced_key = handover_key(paddr, any);
  auto* handover = find(paddr, pr);
  if (handover == nullptr || handover->closed) {
    // The mobile node may know the previous router by another address than the new router does.
    const auto announced = announced_.find(announced_key);
    if (message == Message::hi && announced != announced_.end() && !announced->second->closed) {
      handover = announced->second;
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
  if (message == Message::hi) announced_.erase(announced_key);
  return *handover;
}

Exchange& Book::request(Pairing pairing, std::uint32_t identifier, const Address& from,
                        const Address& to, const Address& paddr) {
  auto& exchange = exchanges_[exchange_key(pairing, identifier, from, to, &paddr)];
  latest_[exchange_key(pairing, identifier, from, to)] = &exchange;
  latest_[exchange_key(pairing, 0, from, to, &any)] = &exchange;
  latest_[exchange_key(pairing, 0, from, to, &paddr)] = &exchange;
  latest_[exchange_key(pairing, identifier, any, any)] = &exchange;
  return exchange;
}

Exchange* Book::answered(Pairing pairing, std::uint32_t identifier, const Address& from,
                         const Address& to, const Address* paddr) {
  if (paddr != nullptr) {
    const auto exact = exchanges_.find(exchange_key(pairing, identifier, from, to, paddr));
    if (exact != exchanges_.end()) return &exact->second;
  }
  const auto found = latest_.find(exchange_key(pairing, identifier, from, to));
  return found == latest_.end() ? nullptr : found->second;
}

Exchange* Book::waiting_between(Pairing pairing, const Address& from, const Address& to,
                                const Address* paddr) {
  const auto found =
      latest_.find(exchange_key(pairing, 0, from, to, paddr != nullptr ? paddr : &any));
  return found == latest_.end() || found->second->pending.empty() ? nullptr : found->second;
}

Exchange* Book::waiting_as(Pairing pairing, std::uint32_t identifier) {
  const auto found = latest_.find(exchange_key(pairing, identifier, any, any));
  return found == latest_.end() || found->second->pending.empty() ? nullptr : found->second;
}

}  // namespace secct::dissector
