// SPDX-License-Identifier: GPL-2.0-or-later
// The link between the tester and the router under test, and the clock that goes with it: memory
// and virtual time here, a wire and the real clock for a router in the lab.
#pragma once

#include <deque>
#include <optional>
#include <span>

#include "replay/router/router.hpp"
#include "replay/router/timers.hpp"

namespace secct {

class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  virtual ~Link() = default;

  virtual Time now() const = 0;
  virtual void send(Octets datagram) = 0;
  // The next datagram from the router, or nothing when `until` comes first; moves the clock.
  virtual std::optional<Octets> receive(Time until) = 0;
};

// The embedded reference router behind a link with a fixed delay, in virtual time.
class MemoryLink : public Link {
 public:
  MemoryLink(const Lab& lab, std::span<const Role> roles, Deviation deviation = {})
      : router_(lab, roles, deviation) {}

  Time now() const override { return now_; }
  void send(Octets datagram) override;
  std::optional<Octets> receive(Time until) override;

 private:
  struct Flying {
    Time due;
    Octets datagram;
  };
  void collect();

  Router router_;
  Time now_ = 0;
  std::deque<Flying> to_router_;
  std::deque<Flying> from_router_;
};

}  // namespace secct
