// SPDX-License-Identifier: GPL-2.0-or-later
// The link between the tester and the router under test, and its clock: MemoryLink connects the
// embedded router in virtual time, WireLink (wire_link.hpp) a router on network interfaces in real
// time.
//
//   const auto description = built_in_description();
//   MemoryLink link(description, description.roles);
//   link.send(datagram);                                   // from the IP header on
//   while (auto answer = link.receive(link.now() + seconds(1))) { ... }
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/time.hpp"
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

  // The time of the last packet or call that took time.
  virtual Time now() const = 0;
  // Sends an IP datagram, from its IP header on.
  virtual void send(Octets datagram) = 0;
  // Returns the next datagram from the router, or std::nullopt if none arrives until `until`.
  // Advances the clock to its arrival or to `until`.
  virtual std::optional<Octets> receive(Time until) = 0;

  // True if packets can be lost, and if time passes while the tester computes.
  virtual bool is_network() const { return false; }
  // True if no mobile node, Replay value or sequence number of the router has been used before.
  virtual bool is_fresh() const { return true; }
  // The largest datagram of the interface that faces the router, in octets; 0: any.
  virtual std::uint32_t mtu() const { return 0; }
  // What the link has observed and no case judges: a sentence each.
  virtual std::vector<std::string> notes() const { return {}; }

  // Resets the router to its initial state; false if that is not possible. Throws SetupError if it
  // fails.
  virtual bool reset() { return false; }
  // Replaces the router by one with this description, in its initial state. reset() then resets to
  // this state. `description` must outlive the link. Throws SetupError if it fails.
  virtual void configure(const RouterDescription& description) { static_cast<void>(description); }
  // Makes the router start a handover of this mobile node; false if that is not possible.
  virtual bool trigger(std::uint32_t mobile_node) {
    static_cast<void>(mobile_node);
    return false;
  }
  // Called before each case.
  virtual void prepare(const Case& c) { static_cast<void>(c); }
};

// The embedded reference router in virtual time. Each datagram takes 1 ms in either direction.
class MemoryLink : public Link {
 public:
  // `description` must outlive the link.
  MemoryLink(const RouterDescription& description, std::span<const Role> roles,
             BehaviourOverride behaviour = {});

  Time now() const override { return now_; }
  void send(Octets datagram) override;
  std::optional<Octets> receive(Time until) override;
  bool reset() override;
  void configure(const RouterDescription& description) override;
  bool trigger(std::uint32_t mobile_node) override;

 private:
  struct InTransit {
    Time arrival;
    Octets datagram;
  };

  void start_router();
  void collect();  // what the router has sent

  const RouterDescription* description_;
  std::vector<Role> roles_;
  BehaviourOverride behaviour_;
  std::unique_ptr<Router> router_;
  Time now_ = 0;
  std::deque<InTransit> to_router_;
  std::deque<InTransit> from_router_;
};

}  // namespace secct::replay
