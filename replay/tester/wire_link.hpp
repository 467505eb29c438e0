// SPDX-License-Identifier: GPL-2.0-or-later
// The link to a router on network interfaces, in real time. The tester plays the other router and
// the mobile nodes: it answers neighbor discovery for their addresses.
#pragma once

#include <map>
#include <set>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"
#include "replay/tester/link.hpp"
#include "replay/wire/configurator.hpp"
#include "replay/wire/duplicate_filter.hpp"
#include "replay/wire/hooks.hpp"
#include "replay/wire/wire.hpp"

namespace secct::replay {

struct WireLinkOptions {
  std::string interface;     // faces the other router
  std::string mn_interface;  // faces the mobile nodes; empty: the same interface
  // That the description was read from; configure() does nothing without it.
  std::string file;
  bool any_network = false;  // see WireOptions
};

class WireLink : public Link {
 public:
  // Resets the router. Throws SetupError if an interface cannot be used or the router's addresses
  // cannot be resolved.
  WireLink(const RouterDescription& description, const WireLinkOptions& options);

  Time now() const override { return now_; }
  void send(Octets datagram) override;
  // Drops duplicates that the network made: the same datagram again, within less time than any
  // router waits before a retransmission. Drops and counts packets that the router has not sent.
  std::optional<Octets> receive(Time until) override;
  bool is_network() const override { return true; }
  bool is_fresh() const override { return fresh_; }
  std::uint32_t mtu() const override { return wire_.mtu(); }
  std::vector<std::string> notes() const override;
  // These run the hooks of the description. Packets that arrive during a hook are received later.
  bool reset() override;
  void configure(const RouterDescription& description) override;
  bool trigger(std::uint32_t mobile_node) override;
  void prepare(const Case& c) override;

  // Reverts configure(), if it was called. Throws SetupError if that fails.
  void restore();

  Wire::Counters counters() const { return wire_.counters(); }

 private:
  WireOptions wire_options(const WireLinkOptions& link);

  void hook(const std::string& name, const std::string& command, const HookVariables& variables);
  void drop_received();  // packets that the router sent before it was reconfigured
  bool is_foreign(const Wire::Received& received);

  // Packets from one address that the router has not sent.
  struct ForeignPackets {
    std::size_t count = 0;
    std::string first;  // what the first one was
  };

  RouterDescription description_;
  RouterDescription current_;  // of the last configure()
  std::set<Address> sent_from_;
  Wire wire_;
  DuplicateFilter duplicates_;
  std::optional<Configurator> configurator_;
  bool configured_ = false;  // with another description than `description_`
  bool fresh_ = false;
  std::map<Address, ForeignPackets> foreign_;  // by their source
  ForeignPackets other_foreign_;               // from further sources
  Time now_ = 0;
};

}  // namespace secct::replay
