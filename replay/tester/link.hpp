// SPDX-License-Identifier: GPL-2.0-or-later
// The link between the tester and the router under test, and the clock that goes with it: memory
// and virtual time here, a wire and the real clock for a router in the lab.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "protocol/time.hpp"
#include "replay/inspect/received_packet.hpp"
#include "replay/namespace.hpp"
#include "replay/router/router.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {

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

  // Whether what the router sends comes in the order in which it was sent.
  virtual PacketInspector::Order order() const { return PacketInspector::Order::kept; }

  // Brings the router back to its first state; false when that cannot be done.
  virtual bool reset() { return false; }
  // Makes the router one that `description` describes, in its first state; reset() then means that
  // one. SetupError when it fails.
  virtual void configure(const RouterDescription& description) { static_cast<void>(description); }
  // Makes the router start a handover of this mobile node; false when that cannot be done.
  virtual bool trigger(std::uint32_t mobile_node) {
    static_cast<void>(mobile_node);
    return false;
  }
  // Called before each case.
  virtual void prepare(const Case& c) { static_cast<void>(c); }
};

// The embedded reference router behind a link with a fixed delay, in virtual time.
class MemoryLink : public Link {
 public:
  // `description` must outlive the link, and so must what it is configured by.
  MemoryLink(const RouterDescription& description, std::span<const Role> roles,
             BehaviourOverride behaviour = {});

  Time now() const override { return now_; }
  void send(Octets datagram) override;
  std::optional<Octets> receive(Time until) override;
  bool reset() override;
  void configure(const RouterDescription& description) override;
  bool trigger(std::uint32_t mobile_node) override;

 private:
  void start_router();

  struct Flying {
    Time due;
    Octets datagram;
  };
  void collect();

  const RouterDescription* description_;
  std::vector<Role> roles_;
  BehaviourOverride behaviour_;
  std::unique_ptr<Router> router_;
  Time now_ = 0;
  std::deque<Flying> to_router_;
  std::deque<Flying> from_router_;
};

}  // namespace secct::replay
