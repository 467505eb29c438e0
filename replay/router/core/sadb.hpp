// SPDX-License-Identifier: GPL-2.0-or-later
// The SAs that a router has: those with the other router and those of mobile nodes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "generator/description/context.hpp"
#include "generator/description/router_description.hpp"
#include "ipsec/ah_esp.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/namespace.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::replay {

// Whose SA it is: a mobile node as the previous router knows it (by Paddr) or as the new router or
// foreign agent does (by Naddr or home address).
struct Owner {
  Role role = Role::nr;
  Address address{};
  auto operator<=>(const Owner&) const = default;
};

// An SA in use: in one direction, with its counter or its window.
struct LiveSa {
  Sa sa;
  Context context;              // of a mobile node's SA
  int type = 5;                 // behaviour.md section 6
  std::optional<Owner> owner;   // none: between the routers
  std::uint32_t known_spi = 0;  // to the mobile node, until a SHAK told it that it changed
  std::uint32_t sequence = 0;   // the last number sent
  ReplayWindow window;          // of what was received
  Time expires = UINT64_MAX;    // lifetime in seconds
  std::uint64_t octets_left = UINT64_MAX;  // lifetime in octets

  // Nothing when every number has been used (RFC 2402 3.3.2: no cycling).
  std::optional<std::uint32_t> next_sequence();
  // False when the lifetime is over; what passes under the SA is taken off it.
  bool use(std::size_t octets, Time now);
};
using LivePtr = std::shared_ptr<LiveSa>;

// What a packet came under.
struct Received {
  Octets datagram;             // without AH and ESP
  std::vector<LivePtr> under;  // outermost first; empty = no IPsec
  bool acceptable = true;      // false: an SA is unknown, an ICV wrong, a number replayed
};

class Sadb {
 public:
  Sadb(const RouterDescription& description, const BehaviourOverride& behaviour);

  // Opens every AH and ESP whose SA ends at this router and checks its window and mode.
  Received open(View octets, Time now);

  // The SA towards the other router; nullptr when there is none.
  LiveSa* towards_peer(IpsecProtocol protocol);

  // True when an SA towards `address` has this SPI, or the description says that it is in use.
  bool spi_in_use(const Address& address, IpsecProtocol protocol, std::uint32_t spi) const;

  // Adds an SA of a mobile node. `inbound`: packets come to this router under it.
  const LivePtr& install(LiveSa sa, bool inbound);
  void remove(const Owner& owner);
  void remove_all();  // of mobile nodes
  // In the order of their installation.
  std::span<const LivePtr> of(const Owner& owner) const;
  std::size_t owners(Role role) const;

 private:
  struct Key {
    IpsecProtocol protocol;
    std::uint32_t spi;
    Address destination;
    auto operator<=>(const Key&) const = default;
  };
  LivePtr find(const Key& key) const;
  LivePtr any_of(IpsecProtocol protocol) const;  // of the other router's

  const BehaviourOverride& behaviour_;
  const Address v4_;                // the router's own, under which its SAs are valid too
  std::map<Key, LivePtr> inbound_;  // of routers and mobile nodes
  std::vector<LivePtr> to_peer_;
  std::map<Owner, std::vector<LivePtr>> owners_;
  std::size_t taken_over_ = 0;  // owners of role nr
  std::vector<std::uint32_t> spi_in_use_;
};

}  // namespace secct::replay
