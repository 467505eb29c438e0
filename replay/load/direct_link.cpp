// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/load/direct_link.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace secct::replay {

Time DirectLink::now() const {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<Time>(std::chrono::nanoseconds(since).count());
}

void DirectLink::collect() {
  for (auto& datagram : router_.take()) from_router_.push_back(std::move(datagram));
}

void DirectLink::send(Octets datagram) {
  router_.receive(datagram, now());
  collect();
}

std::optional<Octets> DirectLink::receive(Time until) {
  for (;;) {
    if (!from_router_.empty()) {
      auto datagram = std::move(from_router_.front());
      from_router_.pop_front();
      return datagram;
    }
    const auto time = now();
    const auto timer = router_.deadline().value_or(UINT64_MAX);
    if (timer <= time) {
      router_.advance(time);
      collect();
    } else if (time >= until) {
      return std::nullopt;
    } else {
      std::this_thread::sleep_for(std::chrono::nanoseconds(std::min(timer, until) - time));
    }
  }
}

}  // namespace secct::replay
