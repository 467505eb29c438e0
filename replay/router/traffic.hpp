// SPDX-License-Identifier: GPL-2.0-or-later
// The mobile nodes' own traffic to the router: ICMP echo, and UDP to the echo port or to none
// (docs/behaviour.md 2.8); ICMP errors.
#pragma once

#include "replay/namespace.hpp"
#include "replay/router/core/core.hpp"

namespace secct::replay {

class EchoServer {
 public:
  explicit EchoServer(Core& core) : core_(core) {}

  // What came in `datagram`, under `received`. Nothing happens when nobody has to answer it.
  void on_icmp(const Datagram& datagram, View message, const Received& received);
  void on_udp(const Datagram& datagram, View udp, const Received& received);
  // A destination option at `offset` that nobody knows and whose sender wants to hear about it.
  void on_unknown_option(const Datagram& datagram, std::uint32_t offset, const Received& received);

 private:
  bool is_selected(const Datagram& datagram, std::uint8_t protocol, View upper,
                   const Received& received);
  std::vector<LiveSa*> way_back(const Datagram& datagram, const Received& received) const;
  void answer(const Datagram& datagram, const Received& received, std::vector<Layer> layers);

  Core& core_;
};

}  // namespace secct::replay
