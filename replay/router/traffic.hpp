// SPDX-License-Identifier: GPL-2.0-or-later
// Answers the traffic of mobile nodes (docs/behaviour.md 2.8): ICMP echo requests, UDP to the echo
// port, and ICMP errors for other ports and for unknown options.
#pragma once

#include "replay/namespace.hpp"
#include "replay/router/core/core.hpp"

namespace secct::replay {

class EchoServer {
 public:
  explicit EchoServer(RouterCore& core) : core_(core) {}

  // Answer an ICMP message or a UDP datagram. `datagram` is without AH and ESP; `received` has the
  // SAs that it was received under. Nothing is sent if the selectors of an SA do not allow the
  // packet.
  void on_icmp(const Datagram& datagram, View message, const OpenedPacket& received);
  void on_udp(const Datagram& datagram, View udp, const OpenedPacket& received);
  // Sends an ICMPv6 Parameter Problem for the destination option at `offset` of the datagram.
  void on_unknown_option(const Datagram& datagram, std::uint32_t offset,
                         const OpenedPacket& received);

 private:
  bool selectors_allow(const Datagram& datagram, std::uint8_t protocol, View upper,
                       const OpenedPacket& received);
  std::vector<LiveSa*> reply_sas(const Datagram& datagram, const OpenedPacket& received) const;
  void reply(const Datagram& datagram, const OpenedPacket& received, std::vector<Layer> layers);

  RouterCore& core_;
};

}  // namespace secct::replay
