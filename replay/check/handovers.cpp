// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/tables/timers.hpp"
#include "replay/check/handovers.hpp"

#include <cstring>

namespace secct::replay {
namespace {

// After the SHAK repetitions may follow for CONTEXT_PURGE_TIME; a handover without SHAK is given up
// after a silence that is longer than any timer of docs/behaviour.md section 1.
constexpr Time remembered_open = seconds(60);
// However slowly the capture's clock goes: what is beyond is forgotten, the oldest first.
constexpr std::size_t most_open = 1 << 20;

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

void Flow::reset() {
  // What owns memory is emptied and kept, all else is as new.
  Flow fresh;
  const auto keep = [](auto& ours, auto& theirs) {
    theirs.swap(ours);
    theirs.clear();
  };
  keep(keys, fresh.keys);
  keep(announced, fresh.announced);
  keep(shown, fresh.shown);
  keep(wanted, fresh.wanted);
  keep(unacknowledged, fresh.unacknowledged);
  keep(spis, fresh.spis);
  keep(handed_over, fresh.handed_over);
  keep(packets, fresh.packets);
  keep(violations, fresh.violations);
  *this = std::move(fresh);
}

HandoverTable::HandoverTable(double scale)
    : closed_for_(scaled(Timers().context_purge, scale)),
      open_for_(scaled(remembered_open, scale)) {}

Flow* HandoverTable::find(const HandoverKey& key) {
  const auto found = names_.find(key);
  return found == names_.end() ? nullptr : found->second;
}

Flow& HandoverTable::begin(Time now) {
  Flow* flow = nullptr;
  if (free_.empty()) {
    flow = &store_.emplace_back();
  } else {
    flow = free_.back();
    free_.pop_back();
  }
  flow->number = ++begun_;
  flow->first = flow->last = now;
  flow->place = active_.insert(active_.end(), flow);
  return *flow;
}

void HandoverTable::name(Flow& flow, const HandoverKey& key) {
  auto& named = names_[key];
  if (named == &flow) return;
  named = &flow;
  flow.keys.push_back(key);
}

void HandoverTable::mark_active(Flow& flow, Time now) {
  flow.last = std::max(flow.last, now);
  auto& list = flow.closed ? done_ : active_;
  list.splice(list.end(), list, flow.place);
}

void HandoverTable::close(Flow& flow) {
  if (flow.closed) return;
  flow.closed = true;
  done_.splice(done_.end(), active_, flow.place);
}

Flow* HandoverTable::expired(Time now) {
  if (!done_.empty() && done_.front()->last + closed_for_ < now) return done_.front();
  if (!active_.empty() && active_.front()->last + open_for_ < now) return active_.front();
  return open() > most_open ? any() : nullptr;
}

Flow* HandoverTable::any() {
  if (!done_.empty()) return done_.front();
  return active_.empty() ? nullptr : active_.front();
}

void HandoverTable::release(Flow& flow) {
  for (const auto& key : flow.keys) {
    const auto found = names_.find(key);
    if (found != names_.end() && found->second == &flow) names_.erase(found);
  }
  (flow.closed ? done_ : active_).erase(flow.place);
  flow.reset();
  free_.push_back(&flow);
}

}  // namespace secct::replay
