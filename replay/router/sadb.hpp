// SPDX-License-Identifier: GPL-2.0-or-later
// The SAs that a router has: those with the other router and those it took over from mobile nodes.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "generator/context.hpp"
#include "generator/ipsec.hpp"
#include "generator/lab.hpp"
#include "replay/router/deviation.hpp"

namespace secct {

// An SA in use: in one direction, with its counter or its window.
struct LiveSa {
  Sa sa;
  Context context;                // of a mobile node's SA
  std::uint32_t mobile_node = 0;  // 0 = between the routers
  Address naddr{};
  std::uint32_t sequence = 0;  // the last number sent
  ReplayWindow window;         // of what was received
};

// What a packet came under.
struct Received {
  Octets datagram;                   // without AH and ESP
  std::vector<const LiveSa*> under;  // outermost first; empty = no IPsec
  bool acceptable = true;            // false: an SA is unknown, an ICV wrong, a number replayed
};

class Sadb {
 public:
  Sadb(const Lab& lab, const Deviation& deviation);

  // Opens every AH and ESP whose SA ends at this router and checks its window.
  Received open(View octets);

  // The SA towards the other router; ESP only when there is one.
  LiveSa* towards_peer(IpsecProtocol protocol);

  // True when another SA towards `address` has this SPI, or the lab says that it is in use.
  bool spi_in_use(const Address& address, IpsecProtocol protocol, std::uint32_t spi,
                  std::uint32_t mobile_node) const;

  void remove_mobile_node(std::uint32_t mobile_node);
  LiveSa& install(LiveSa sa);
  std::size_t mobile_nodes() const { return installed_.size(); }

  // The installed SAs of a mobile node, in the order of their installation.
  std::vector<LiveSa>* of_mobile_node(std::uint32_t mobile_node);

 private:
  LiveSa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& destination);

  const Deviation& deviation_;
  std::vector<LiveSa> from_peer_;
  std::vector<LiveSa> to_peer_;
  std::map<std::uint32_t, std::vector<LiveSa>> installed_;
  // (protocol, SPI) to mobile nodes that have it towards the router.
  std::multimap<std::pair<IpsecProtocol, std::uint32_t>, std::uint32_t> by_spi_;
  std::vector<std::uint32_t> spi_in_use_;
};

}  // namespace secct
