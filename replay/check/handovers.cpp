// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/handovers.hpp"

#include <cstring>

#include "protocol/tables/timers.hpp"

namespace secct::replay {
namespace {

// After the SHAK retransmissions may follow for CONTEXT_PURGE_TIME. A handover without SHAK is
// removed after a time without messages that is longer than every timer of docs/behaviour.md
// section 1.
constexpr Time max_silence = seconds(60);
// Limits memory in case the clock of the capture does not advance: the oldest are removed first.
constexpr std::size_t max_handovers = 1 << 20;

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash ^= word;
  hash *= 0x9e3779b97f4a7c15U;
  return hash ^ hash >> 32;
}

std::uint64_t word_at(const Address& address, std::size_t offset) {
  std::uint64_t word = 0;
  std::memcpy(&word, address.data() + offset, sizeof word);
  return word;
}

Time scaled(Time time, double scale) {
  return static_cast<Time>(static_cast<double>(time) * scale);
}

}  // namespace

std::size_t HandoverKeyHash::operator()(const HandoverKey& key) const {
  auto hash = mix(static_cast<std::uint64_t>(key.kind) << 16 | key.identifier, word_at(key.a, 0));
  hash = mix(hash, word_at(key.a, 8));
  hash = mix(hash, word_at(key.b, 0));
  return mix(hash, word_at(key.b, 8));
}

void TrackedHandover::reset() {
  TrackedHandover fresh;
  const auto keep = [](auto& ours, auto& theirs) {
    theirs.swap(ours);
    theirs.clear();
  };
  keep(keys, fresh.keys);
  keep(pshin_features, fresh.pshin_features);
  keep(shin_features, fresh.shin_features);
  keep(requested_spis, fresh.requested_spis);
  keep(unacknowledged, fresh.unacknowledged);
  keep(spis, fresh.spis);
  keep(context_messages, fresh.context_messages);
  keep(packets, fresh.packets);
  keep(violations, fresh.violations);
  *this = std::move(fresh);
}

HandoverTable::HandoverTable(double scale)
    : closed_for_(scaled(Timers().context_purge, scale)), open_for_(scaled(max_silence, scale)) {}

TrackedHandover* HandoverTable::find(const HandoverKey& key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

TrackedHandover& HandoverTable::create(Time now) {
  TrackedHandover* handover = nullptr;
  if (free_.empty()) {
    handover = &storage_.emplace_back();
  } else {
    handover = free_.back();
    free_.pop_back();
  }
  handover->number = ++created_;
  handover->first = handover->last = now;
  handover->position = open_.insert(open_.end(), handover);
  return *handover;
}

void HandoverTable::add_key(TrackedHandover& handover, const HandoverKey& key) {
  auto& named = by_key_[key];
  if (named == &handover) return;
  named = &handover;
  handover.keys.push_back(key);
}

void HandoverTable::mark_active(TrackedHandover& handover, Time now) {
  handover.last = std::max(handover.last, now);
  auto& list = handover.closed ? closed_ : open_;
  list.splice(list.end(), list, handover.position);
}

void HandoverTable::close(TrackedHandover& handover) {
  if (handover.closed) return;
  handover.closed = true;
  closed_.splice(closed_.end(), open_, handover.position);
}

TrackedHandover* HandoverTable::expired(Time now) {
  if (!closed_.empty() && closed_.front()->last + closed_for_ < now) return closed_.front();
  if (!open_.empty() && open_.front()->last + open_for_ < now) return open_.front();
  return open() > max_handovers ? any() : nullptr;
}

TrackedHandover* HandoverTable::any() {
  if (!closed_.empty()) return closed_.front();
  return open_.empty() ? nullptr : open_.front();
}

void HandoverTable::remove(TrackedHandover& handover) {
  for (const auto& key : handover.keys) {
    const auto found = by_key_.find(key);
    if (found != by_key_.end() && found->second == &handover) by_key_.erase(found);
  }
  (handover.closed ? closed_ : open_).erase(handover.position);
  handover.reset();
  free_.push_back(&handover);
}

}  // namespace secct::replay
