// SPDX-License-Identifier: GPL-2.0-or-later
// The link to a router in the lab: the tester plays the other router and the mobile nodes on real
// interfaces.
#pragma once

#include <set>

#include "generator/lab.hpp"
#include "replay/link.hpp"
#include "replay/wire/copies.hpp"
#include "replay/wire/wire.hpp"

namespace secct {

class WireLink : public Link {
 public:
  // SetupError when an interface cannot be used, and when the router does not answer for its
  // addresses. `mn_interface` may be empty: everything is on one.
  WireLink(const Lab& lab, const std::string& interface, const std::string& mn_interface);

  Time now() const override { return now_; }
  void send(Octets datagram) override;
  // What the network doubled comes once: the very same datagram again within less time than any
  // router waits before it sends something again.
  std::optional<Octets> receive(Time until) override;
  Observer::Order order() const override { return Observer::Order::may_change; }
  // The hooks of the description. While one runs nothing is received. SetupError when one fails.
  bool reset() override;
  bool trigger(std::uint32_t mobile_node) override;
  void prepare(const Case& c) override;

  Wire::Counters counters() const { return wire_.counters(); }

 private:
  WireOptions options(const std::string& interface, const std::string& mn_interface);

  Lab lab_;
  std::set<Address> played_;  // sources that were sent from
  Wire wire_;
  Copies copies_;
  Time now_ = 0;
};

}  // namespace secct
