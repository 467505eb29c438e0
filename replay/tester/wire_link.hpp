// SPDX-License-Identifier: GPL-2.0-or-later
// The link to a router in the lab: the tester plays the other router and the mobile nodes on real
// interfaces.
#pragma once

#include <set>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"
#include "replay/tester/link.hpp"
#include "replay/wire/configurator.hpp"
#include "replay/wire/duplicate_filter.hpp"
#include "replay/wire/hooks.hpp"
#include "replay/wire/wire.hpp"

namespace secct::replay {

class WireLink : public Link {
 public:
  // SetupError when an interface cannot be used, and when the router does not answer for its
  // addresses. `mn_interface` may be empty: everything is on one. `description` is the file that
  // `description` was read from; configure() needs it.
  WireLink(const RouterDescription& description, const std::string& interface,
           const std::string& mn_interface, const std::string& described_in = {});

  Time now() const override { return now_; }
  void send(Octets datagram) override;
  // What the network doubled comes once: the very same datagram again within less time than any
  // router waits before it sends something again.
  std::optional<Octets> receive(Time until) override;
  PacketInspector::Order order() const override { return PacketInspector::Order::may_change; }
  // The hooks of the description. While one runs nothing is received. SetupError when one fails.
  bool reset() override;
  void configure(const RouterDescription& description) override;
  bool trigger(std::uint32_t mobile_node) override;
  void prepare(const Case& c) override;

  // Undoes configure(), if there was one. SetupError when that fails.
  void restore();

  Wire::Counters counters() const { return wire_.counters(); }

 private:
  WireOptions options(const std::string& interface, const std::string& mn_interface);

  // Runs a hook; what came meanwhile waits.
  void hook(const std::string& name, const std::string& command, const HookVariables& variables);
  void drop_waiting();

  RouterDescription description_;
  RouterDescription current_;  // what the router was configured by last
  std::set<Address> played_;   // sources that were sent from
  Wire wire_;
  DuplicateFilter copies_;
  std::optional<Configurator> configurator_;
  bool configured_ = false;  // and not as `description_` tells
  Time now_ = 0;
};

}  // namespace secct::replay
