// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/handovers.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/tables/timers.hpp"

namespace secct::conversation {
namespace {

// An unfinished handover (its SHAK may be encrypted) is given up after a silence longer than any
// timer of docs/behaviour.md section 1. One that has ended is kept as long as a router keeps its
// answer.
constexpr Time given_up_after = seconds(60);
constexpr Time kept_for = Timers().context_purge;
constexpr std::size_t most_replay_tables = std::size_t{1} << 16;
constexpr std::size_t most_exchanges = 64;  // of one handover

constexpr Address any{};

enum class Kind : std::uint8_t { exchange = 1, handover = 100, announced, naddr };

Key make_key(std::uint8_t kind, std::uint32_t identifier, const Address& from, const Address& to,
             const Address* paddr = nullptr) {
  Key key;
  auto* at = key.octets.data();
  *at++ = kind;
  *at++ = paddr != nullptr ? 1 : 0;
  std::memcpy(at, &identifier, sizeof identifier);
  at += sizeof identifier;
  at = std::ranges::copy(from, at).out;
  at = std::ranges::copy(to, at).out;
  if (paddr != nullptr) std::ranges::copy(*paddr, at);
  return key;
}

Key exchange_key(Pairing pairing, std::uint32_t identifier, const Address& from, const Address& to,
                 const Address* paddr = nullptr) {
  return make_key(static_cast<std::uint8_t>(static_cast<unsigned>(pairing) + 1), identifier, from,
                  to, paddr);
}

Key handover_key(Kind kind, const Address& a, const Address& b = any) {
  return make_key(static_cast<std::uint8_t>(kind), 0, a, b);
}

// The keys under which an exchange is found.
template <class Each>
void each_key(const Exchange& exchange, const Each& each) {
  const auto pairing = exchange.pairing;
  const auto& from = exchange.from;
  const auto& to = exchange.to;
  each(exchange_key(pairing, exchange.identifier, from, to, &exchange.key_paddr));
  each(exchange_key(pairing, exchange.identifier, from, to));
  if (pairing == Pairing::shin) each(exchange_key(pairing, 0, from, any));
  if (pairing == Pairing::hi) each(exchange_key(pairing, exchange.identifier, any, any));
}

Exchange* waiting(Exchange* exchange) {
  return exchange != nullptr && exchange->is_waiting() ? exchange : nullptr;
}

// The previous router has answered the request that `message` would repeat: the mobile node moves
// again, and the SHAK that ended the first handover is not in the capture.
bool begins_another(const Handover& handover, secct::Message message, std::uint32_t replay) {
  using Id = secct::Message;
  if (!handover.has(Id::shrep) || message == Id::shrep) return false;
  return message == Id::hi || message == Id::pshin || handover.has(message) ||
         handover.has_shreq_for_other(replay);
}

Time scaled(Time time, double scale) {
  return static_cast<Time>(static_cast<double>(time) * scale);
}

// Empties a container and keeps its memory.
template <class T>
void keep_memory(T& fresh, T& used) {
  used.clear();
  fresh.swap(used);
}

}  // namespace

std::size_t KeyHash::operator()(const Key& key) const {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < key.octets.size(); i += sizeof hash) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.octets.data() + i, sizeof word);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 32;
  }
  return hash;
}

bool Handover::has_shreq_for_other(std::uint32_t of_shin) const {
  const auto* shreq = latest_of(Pairing::shreq);
  return shreq != nullptr && shreq->replay != no_replay && of_shin != no_replay &&
         shreq->replay != of_shin;
}

void Handover::begin_attempt() {
  latest[static_cast<std::size_t>(Pairing::shreq)] = nullptr;
  shreq_sent = false;
  context_came = false;
  expected = {};
  succeeded_early = false;
}

void Handover::reset() {
  Handover fresh;
  keep_memory(fresh.features, features);
  keep_memory(fresh.announced, announced);
  keep_memory(fresh.sas, sas);
  keep_memory(fresh.exchanges, exchanges);
  keep_memory(fresh.keys, keys);
  *this = std::move(fresh);
}

bool Exchange::has_contexts() const {
  return std::ranges::any_of(contexts, [](auto count) { return count > 0; });
}

void Exchange::start_afresh() {
  pending.clear();
  contexts.clear();
  contexts_unknown = false;
  if (seen.size() > 1) seen.erase(seen.begin(), seen.end() - 1);
}

void Exchange::reset() {
  Exchange fresh;
  keep_memory(fresh.pending, pending);
  keep_memory(fresh.requested, requested);
  keep_memory(fresh.contexts, contexts);
  keep_memory(fresh.seen, seen);
  *this = std::move(fresh);
}

Handovers::Handovers(double timing_scale, std::size_t most,
                     std::function<void(const Handover&)> ended)
    : done_for_(scaled(kept_for, timing_scale)),
      active_for_(scaled(given_up_after, timing_scale)),
      most_(std::max<std::size_t>(most, 1)),
      ended_(std::move(ended)) {}

Handover& Handovers::add(Time now) {
  auto& handover = handovers_.take();
  handover.number = ++begun_;
  handover.first = handover.last = now;
  handover.place = active_.insert(active_.end(), &handover);
  return handover;
}

void Handovers::name(Handover& handover, const Key& key) {
  by_key_.set(key, &handover);
  auto& keys = handover.keys;
  if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
}

void Handovers::forget_name(Handover& handover, const Key& key) {
  by_key_.erase(key, &handover);
  std::erase(handover.keys, key);
}

Handover* Handovers::find(const Address& paddr, const Address& pr) const {
  return by_key_.find(handover_key(Kind::handover, paddr, pr));
}

Handover* Handovers::find_by_naddr(const Address& naddr) const {
  return by_key_.find(handover_key(Kind::naddr, naddr));
}

void Handovers::set_naddr(Handover& handover, const Address& naddr) {
  if (handover.naddr != naddr) forget_name(handover, handover_key(Kind::naddr, handover.naddr));
  handover.naddr = naddr;
  if (naddr != any) name(handover, handover_key(Kind::naddr, naddr));
}

Handover& Handovers::begin_or_continue(secct::Message message, const Address& paddr,
                                       const Address& pr, std::uint32_t replay, Time now) {
  const auto key = handover_key(Kind::handover, paddr, pr);
  const auto announced_key = handover_key(Kind::announced, paddr);
  const auto continues = [&](const Handover* handover) {
    return handover != nullptr && !handover->closed && !begins_another(*handover, message, replay);
  };
  auto* handover = find(paddr, pr);
  if (!continues(handover)) {
    // The mobile node may know the previous router by another address than the new router does.
    auto* announced = message == secct::Message::hi ? by_key_.find(announced_key) : nullptr;
    handover = continues(announced) ? announced : &add(now);
    name(*handover, key);
  }
  handover->paddr = paddr;
  if (message == secct::Message::pshin) name(*handover, announced_key);
  if (message == secct::Message::hi) forget_name(*handover, announced_key);
  return *handover;
}

void Handovers::mark_active(Handover& handover, Time now) {
  handover.last = std::max(handover.last, now);
  auto& list = handover.closed ? done_ : active_;
  list.splice(list.end(), list, handover.place);
}

void Handovers::close(Handover& handover) {
  if (handover.closed) return;
  handover.closed = true;
  done_.splice(done_.end(), active_, handover.place);
}

void Handovers::forget_old(Time now) {
  const auto is_old = [&](const std::list<Handover*>& list, Time after) {
    return !list.empty() && list.front()->last + after < now;
  };
  while (is_old(done_, done_for_)) release(*done_.front());
  while (is_old(active_, active_for_)) release(*active_.front());
}

void Handovers::forget_excess() {
  while (open() > most_) {
    const bool is_done =
        active_.empty() || (!done_.empty() && done_.front()->last <= active_.front()->last);
    release(is_done ? *done_.front() : *active_.front());
  }
}

void Handovers::forget_all() {
  std::vector<Handover*> all(done_.begin(), done_.end());
  all.insert(all.end(), active_.begin(), active_.end());
  std::ranges::sort(all, {}, &Handover::number);
  for (auto* handover : all) release(*handover);
}

void Handovers::release(Handover& handover) {
  ended_(handover);
  for (const auto& key : handover.keys) by_key_.erase(key, &handover);
  for (auto* exchange : handover.exchanges) {
    if (exchange->handover == &handover) release(*exchange);
  }
  auto& list = handover.closed ? done_ : active_;
  list.erase(handover.place);
  handovers_.give_back(handover);
}

void Handovers::release(Exchange& exchange) {
  each_key(exchange, [&](const Key& key) { exchange_by_key_.erase(key, &exchange); });
  exchanges_.give_back(exchange);
}

Exchange& Handovers::request(Pairing pairing, std::uint32_t identifier, const Address& from,
                             const Address& to, const Address& paddr) {
  auto* exchange = exchange_by_key_.find(exchange_key(pairing, identifier, from, to, &paddr));
  if (exchange == nullptr) {
    exchange = &exchanges_.take();
    exchange->pairing = pairing;
    exchange->identifier = identifier;
    exchange->from = from;
    exchange->to = to;
    exchange->key_paddr = paddr;
  }
  auto* other = waiting(answered(pairing, identifier, from, to, nullptr));
  if (!exchange->is_waiting()) exchange->shares_identifier = false;
  if (other != nullptr && other != exchange) {
    exchange->shares_identifier = other->shares_identifier = true;
  }
  each_key(*exchange, [&](const Key& key) { exchange_by_key_.set(key, exchange); });
  return *exchange;
}

void Handovers::join(Exchange& exchange, Handover& handover) {
  const auto leave = [](Exchange& leaving) {
    auto& old = *leaving.handover;
    std::erase(old.exchanges, &leaving);
    auto& latest = old.latest[static_cast<std::size_t>(leaving.pairing)];
    if (latest == &leaving) latest = nullptr;
  };
  if (exchange.handover != &handover) {
    if (exchange.handover != nullptr) leave(exchange);
    exchange.handover = &handover;
    handover.exchanges.push_back(&exchange);
  }
  handover.latest[static_cast<std::size_t>(exchange.pairing)] = &exchange;
  if (handover.exchanges.size() <= most_exchanges) return;
  auto& first = *handover.exchanges.front();
  leave(first);
  release(first);
}

bool Handovers::is_used(const Address& paddr, const Address& pr, std::uint32_t replay) const {
  const auto found = used_.find({paddr, pr});
  return found != used_.end() && replay < no_replay && found->second[replay];
}

void Handovers::use(const Address& paddr, const Address& pr, std::uint32_t replay) {
  if (replay >= no_replay) return;
  const auto [found, is_new] = used_.try_emplace({paddr, pr});
  found->second[replay] = true;
  if (!is_new) return;
  used_order_.emplace_back(paddr, pr);
  if (used_order_.size() <= most_replay_tables) return;
  used_.erase(used_order_.front());
  used_order_.pop_front();
}

Exchange* Handovers::answered(Pairing pairing, std::uint32_t identifier, const Address& from,
                              const Address& to, const Address* paddr) const {
  return exchange_by_key_.find(exchange_key(pairing, identifier, from, to, paddr));
}

Exchange* Handovers::waiting_hi(std::uint32_t identifier) const {
  return waiting(exchange_by_key_.find(exchange_key(Pairing::hi, identifier, any, any)));
}

Exchange* Handovers::waiting_shin(const Address& from) const { return waiting_shin(from, any); }

Exchange* Handovers::waiting_shin(const Address& from, const Address& to) const {
  return waiting(exchange_by_key_.find(exchange_key(Pairing::shin, 0, from, to)));
}

}  // namespace secct::conversation
