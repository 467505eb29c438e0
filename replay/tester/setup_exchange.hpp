// SPDX-License-Identifier: GPL-2.0-or-later
// Sends messages of a few handovers and collects what the router answers, for the check of the
// set-up (setup_check.hpp).
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "generator/handover/handover.hpp"
#include "replay/inspect/received_packet.hpp"
#include "replay/namespace.hpp"
#include "replay/tester/link.hpp"

namespace secct::replay {

class SetupExchange {
 public:
  // All arguments must outlive the object. `counters` and `identifier` are the last ones that the
  // tester has used, and continue.
  SetupExchange(const RouterDescription& description, Role role, Link& link, Counters& counters,
                std::uint16_t& identifier);

  // A handover of the mobile node; valid as long as this object.
  Handover& handover(std::uint32_t mobile_node);

  // The time in which an answer must arrive.
  Time answer_time() const;
  Link& link() const { return link_; }

  // Sends the packet. Throws UsageError if it cannot be built with this description.
  void send(const PacketDocument& packet);
  void send(Octets datagram) { link_.send(std::move(datagram)); }
  // Receives packets until `until`, or until `done` returns true. `done` is called for each packet
  // that the router has sent, and may send.
  using Done = std::function<bool(const ReceivedPacket& packet)>;
  bool collect(Time until, const Done& done);
  // All packets that were received, in order.
  const std::deque<std::unique_ptr<ReceivedPacket>>& received() const { return received_; }

 private:
  const RouterDescription& description_;
  Role role_;
  Link& link_;
  Counters& counters_;
  std::uint16_t& identifier_;
  PacketInspector inspector_;
  Keyring keys_;  // of the routers, and of all handovers
  std::deque<Handover> handovers_;
  std::deque<std::unique_ptr<ReceivedPacket>> received_;
};

}  // namespace secct::replay
