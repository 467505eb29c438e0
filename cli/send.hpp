// SPDX-License-Identifier: GPL-2.0-or-later
// --send and what goes with it: packets of craft and generate on a network interface.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/interrupt.hpp"
#include "cli/namespace.hpp"
#include "cli/progress.hpp"
#include "generator/document/document.hpp"
#include "generator/transmit/neighbor_cache.hpp"
#include "generator/transmit/transmit.hpp"

namespace secct::cli {

struct SendOptions {
  std::string interface;  // empty: nothing is sent
  std::string rate;       // "1000", "1000pps", "50hps", "max"; empty: as timed
  std::uint32_t burst = 1;
  double duration = 0;  // seconds; 0: no limit
  bool loop = false;
  std::string to_mac;
  std::string backend = "sendmmsg";
  bool any_network = false;

  void add_to(CLI::App& app);
  bool wanted() const { return !interface.empty(); }
  // UsageError when an option is there that means nothing without --send.
  void check() const;
};

// Packets to the interface, a progress line on a terminal, and what came of it at the end. While it
// lives, Ctrl-C and SIGTERM end the sending, not the program.
class PacketSender {
 public:
  // `per_handover`: packets of one handover, for rates in handovers. `resolve`: a destination whose
  // Ethernet address the document leaves out is asked for with Neighbor Discovery or ARP.
  PacketSender(const SendOptions& options, double per_handover, bool resolve);

  // Packets that sending is possible for; others are not to be given to send().
  static bool can_send(LinkType link) {
    return link == LinkType::ethernet || link == LinkType::raw_ip;
  }

  // Sends one packet, when its time has come. False when it is over: time out, Ctrl-C. UsageError
  // for a destination that needs --i-own-this-network.
  bool send(View packet, std::uint64_t time, LinkType link);
  void rewind() { transmitter_.rewind(); }
  bool loop() const { return options_.loop; }
  void finish();  // prints the summary on standard error

 private:
  Octets addressed(View packet, LinkType link);
  std::optional<MacAddress> find(const Address& address, const Address& from);

  const SendOptions& options_;
  bool resolve_;
  Interruptible interruptible_;
  Progress progress_;
  Transmitter transmitter_;
  std::map<Address, std::optional<MacAddress>> found_;
  std::uint64_t number_ = 0;
};

}  // namespace secct::cli
