// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/schedule.hpp"

#include <algorithm>
#include <utility>

namespace secct::generator {
namespace {

constexpr std::uint64_t start = 1767225600000 * millisecond;  // 2026-01-01
constexpr std::uint64_t start_interval = 3 * millisecond;     // between the starts of two handovers
constexpr std::uint64_t increment = 0x9e3779b97f4a7c15;       // of splitmix64

}  // namespace

std::uint64_t Random::next() {
  auto z = state_ += increment;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void Schedule::EventQueue::add(const Event& event) {
  events_.push_back(event);
  std::ranges::push_heap(events_, [](const Event& a, const Event& b) { return b < a; });
}

void Schedule::EventQueue::remove_first() {
  const auto last = events_.back();
  events_.pop_back();
  if (!events_.empty()) replace_first(last);
}

void Schedule::EventQueue::replace_first(const Event& event) {
  std::size_t hole = 0;
  for (;;) {
    auto child = 2 * hole + 1;
    if (child >= events_.size()) break;
    if (child + 1 < events_.size() && events_[child + 1] < events_[child]) ++child;
    if (!(events_[child] < event)) break;
    events_[hole] = events_[child];
    hole = child;
  }
  events_[hole] = event;
}

Schedule::Schedule(std::vector<Step> steps, std::vector<std::uint32_t> numbers,
                   std::uint32_t handovers, std::uint64_t seed)
    : steps_(std::move(steps)), numbers_(std::move(numbers)), handovers_(handovers), seed_(seed) {
  if (!steps_.empty()) start_next();
}

void Schedule::start_next() {
  if (started_ == handovers_) return;
  auto slot = slots_;
  if (free_slots_.empty()) {
    ++slots_;
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  queue_.add(
      {start + started_ * start_interval, started_, 0, slot, Random(seed_ + started_ * increment)});
  ++started_;
}

bool Schedule::next() {
  if (queue_.empty()) return false;
  const auto event = queue_.first();
  current_ = {event.time, event.handover, event.step, event.slot, 0};
  if (const auto sa = steps_[event.step].router_sa) current_.router_number = numbers_[*sa]++;
  if (event.step + 1 < steps_.size()) {
    auto following = event;
    const auto& step = steps_[++following.step];
    const auto thousandths = step.exact ? 1000 : 800 + following.random.next() % 401;
    following.time += step.delay / 1000 * thousandths;
    queue_.replace_first(following);
  } else {
    queue_.remove_first();
    // This packet still uses the slot: the next handover to start may take it.
    free_slots_.push_back(event.slot);
  }
  if (event.step == 0) start_next();
  return true;
}

}  // namespace secct::generator
