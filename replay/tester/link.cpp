// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/link.hpp"

#include <algorithm>

namespace secct::replay {
namespace {

constexpr Time delay = milliseconds(1);  // each way

}  // namespace

MemoryLink::MemoryLink(const RouterDescription& description, std::span<const Role> roles,
                       BehaviourOverride behaviour)
    : description_(&description), roles_(roles.begin(), roles.end()), behaviour_(behaviour) {
  start_router();
}

void MemoryLink::start_router() {
  router_ = std::make_unique<Router>(*description_, roles_, behaviour_);
}

bool MemoryLink::reset() {
  start_router();
  to_router_.clear();
  from_router_.clear();
  return true;
}

void MemoryLink::configure(const RouterDescription& description) {
  description_ = &description;
  reset();
}

bool MemoryLink::trigger(std::uint32_t mobile_node) {
  const bool started = router_->trigger(mobile_node, now_);
  collect();
  return started;
}

void MemoryLink::send(Octets datagram) {
  to_router_.push_back({now_ + delay, std::move(datagram)});
}

void MemoryLink::collect() {
  for (auto& datagram : router_->take())
    from_router_.push_back({now_ + delay, std::move(datagram)});
}

std::optional<Octets> MemoryLink::receive(Time until) {
  for (;;) {
    const auto at_tester = from_router_.empty() ? UINT64_MAX : from_router_.front().arrival;
    const auto at_router = to_router_.empty() ? UINT64_MAX : to_router_.front().arrival;
    const auto timer = router_->deadline().value_or(UINT64_MAX);
    const auto next = std::min({at_tester, at_router, timer});
    if (next > until || next == UINT64_MAX) {
      now_ = std::max(now_, until);
      return std::nullopt;
    }
    now_ = std::max(now_, next);
    if (next == at_tester) {
      auto datagram = std::move(from_router_.front().datagram);
      from_router_.pop_front();
      return datagram;
    }
    if (next == at_router) {
      router_->receive(to_router_.front().datagram, now_);
      to_router_.pop_front();
    } else {
      router_->advance(now_);
    }
    collect();
  }
}

}  // namespace secct::replay
