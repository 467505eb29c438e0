// SPDX-License-Identifier: GPL-2.0-or-later
// What a previous router begins by itself: HI with U-SHREP after a P-SHIN or a local trigger, its
// retransmission, the HAck (docs/behaviour.md 3.4).
#pragma once

#include <map>

#include "replay/namespace.hpp"
#include "replay/router/core/alarms.hpp"
#include "replay/router/roles/mobile_node_store.hpp"
#include "replay/router/roles/request.hpp"

namespace secct::replay {

class Initiator {
 public:
  Initiator(Core& core, const MobileNodeStore& store)
      : core_(core), known_(store), next_identifier_(core.first_identifier()) {}

  void on_pshin(const Incoming& in);
  void on_hack(const Incoming& in);
  bool trigger(std::uint32_t mobile_node, Time now);
  void advance(Time now);
  std::optional<Time> deadline() const { return alarms_.first(); }

  // The Naddr of this mobile node's HI while it awaits its HAck, when it named one.
  std::optional<Address> awaited_naddr(std::uint32_t mobile_node) const;

 private:
  struct Out {
    std::uint16_t identifier = 0;
    Address nr{};
    std::optional<Address> naddr;
    std::vector<Node> parts;  // one HI each: contexts that do not fit into one
    std::size_t acknowledged = 0;
    unsigned retries = 0;
  };

  std::uint8_t begin(std::uint32_t mobile_node, const Address& nr, std::optional<Address> naddr,
                     const Request& request, View features, Time now);
  Node make_hi(const Out& out, std::uint32_t mobile_node, View features,
               const std::vector<Context>& contexts) const;
  void send(const Out& out);
  void forget(std::uint32_t mobile_node);

  Core& core_;
  const MobileNodeStore& known_;
  std::map<std::uint32_t, Out> out_;                      // by mobile node
  std::map<std::uint16_t, std::uint32_t> by_identifier_;  // to mobile node
  Alarms<std::uint32_t> alarms_;
  std::uint16_t next_identifier_;
};

}  // namespace secct::replay
