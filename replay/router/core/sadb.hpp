// SPDX-License-Identifier: GPL-2.0-or-later
// Security association database of a router: the SAs with the other router and those of mobile
// nodes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "generator/description/router_description.hpp"
#include "ipsec/context.hpp"
#include "ipsec/replay_window.hpp"
#include "ipsec/sa.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/namespace.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::replay {

// The mobile node that an SA belongs to. The previous router identifies it by Paddr, the new router
// by Naddr, the foreign agent by the home address.
struct Owner {
  Role role = Role::nr;
  Address address{};
  auto operator<=>(const Owner&) const = default;
};

// An SA in use, in one direction, with its sequence number and its anti-replay window.
struct LiveSa {
  Sa sa;
  Context context;             // of a mobile node's SA
  int type = 5;                // behaviour.md section 6
  std::optional<Owner> owner;  // none: an SA between the routers
  // The SPI that the mobile node uses: the old one until a SHAK reports that it changed.
  std::uint32_t mobile_node_spi = 0;
  std::uint32_t sequence = 0;              // of the last packet sent
  ReplayWindow window;                     // of received packets
  Time expires = UINT64_MAX;               // end of a lifetime in seconds
  std::uint64_t octets_left = UINT64_MAX;  // rest of a lifetime in octets

  // std::nullopt after the last number: it must not cycle (RFC 2402 3.3.2).
  std::optional<std::uint32_t> next_sequence();
  // Takes `octets` off the lifetime; false if the lifetime is over.
  bool use(std::size_t octets, Time now);
};
using LivePtr = std::shared_ptr<LiveSa>;

// A packet after AH and ESP processing.
struct OpenedPacket {
  Octets datagram;             // without AH and ESP
  std::vector<LivePtr> under;  // outermost first; empty: no IPsec
  bool acceptable = true;      // false: unknown SA, wrong ICV or mode, replayed number, no lifetime
};

class Sadb {
 public:
  // Takes the SAs between the routers from the description. `behaviour` must outlive the object.
  Sadb(const RouterDescription& description, const BehaviourOverride& behaviour);

  // Verifies and removes the AH and ESP headers of a datagram (RFC 2402 3.4, RFC 2406 3.4). An
  // accepted packet counts against the lifetimes and is entered in the windows of its SAs.
  OpenedPacket open(View octets, Time now);

  // The SA to the other router; nullptr if there is none.
  LiveSa* sa_to_peer(IpsecProtocol protocol);

  // True if an inbound SA with destination `address` has this SPI, or the description lists the SPI
  // as in use.
  bool spi_in_use(const Address& address, IpsecProtocol protocol, std::uint32_t spi) const;

  // Adds an SA of a mobile node; `sa.owner` must be set. `inbound`: this router receives under it.
  const LivePtr& install(LiveSa sa, bool inbound);
  void remove(const Owner& owner);
  void remove_all();  // all SAs of mobile nodes
  // The SAs of a mobile node in the order of their installation; valid until the next change.
  std::span<const LivePtr> of(const Owner& owner) const;
  // Mobile nodes with SAs: at the previous router for Role::pr, otherwise those taken over here.
  std::size_t owners(Role role) const;

 private:
  struct Key {
    IpsecProtocol protocol;
    std::uint32_t spi;
    Address destination;
    auto operator<=>(const Key&) const = default;
  };
  LivePtr find(const Key& key) const;
  // The SA with the other router that a faulty router takes for one with this unknown SPI.
  LivePtr mistaken_peer_sa(IpsecProtocol protocol, std::uint32_t spi) const;

  const BehaviourOverride& behaviour_;
  const Address v4_;                // this router's; its SAs are valid for this destination too
  std::map<Key, LivePtr> inbound_;  // of routers and mobile nodes
  std::vector<LivePtr> to_peer_;
  std::map<Owner, std::vector<LivePtr>> owners_;
  std::size_t new_router_owners_ = 0;  // owners that are not of role pr
  std::vector<std::uint32_t> spi_in_use_;
};

}  // namespace secct::replay
