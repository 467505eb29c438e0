// SPDX-License-Identifier: GPL-2.0-or-later
// --send and its options: `secct craft` and `secct generate` send packets on a network interface.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/namespace.hpp"
#include "cli/progress.hpp"
#include "generator/document/document.hpp"
#include "generator/transmit/destination_guard.hpp"
#include "generator/transmit/neighbor_cache.hpp"
#include "generator/transmit/transmit.hpp"

namespace secct::cli {

// Adds the option that disables the checks of the addresses that secct sends to.
CLI::Option* add_any_network_flag(CLI::App& app, bool& any_network);

struct SendOptions {
  std::string interface;  // empty: do not send
  std::string rate;       // "1000", "1000pps", "50hps" or "max"; empty: at the packets' timestamps
  std::uint32_t burst = 1;
  double duration = 0;  // seconds; 0: no limit
  bool loop = false;
  std::string to_mac;
  std::string backend = "sendmmsg";
  bool any_network = false;
  bool strict = false;  // a refused packet is a failure

  void add_to(CLI::App& app);
  bool wanted() const { return !interface.empty(); }
  // UsageError if one of the other options is given without --send.
  void check() const;
};

// Sends packets and shows a progress line. While an object exists, Ctrl-C and SIGTERM stop the
// sending instead of the program.
class PacketSender {
 public:
  // `per_handover`: number of packets of one handover, for rates in handovers per second.
  // `resolve`: resolve destination Ethernet addresses that the document omits, with Neighbor
  // Discovery or ARP. `keys` decrypt ESP to find the destinations in it. `options` must outlive the
  // sender.
  PacketSender(const SendOptions& options, double per_handover, bool resolve, const Keyring& keys);

  // Whether send() accepts packets of this link type.
  static bool can_send(LinkType link) {
    return link == LinkType::ethernet || link == LinkType::raw_ip;
  }

  // Waits until the packet is due, then sends it. `time` is its timestamp in nanoseconds. Returns
  // false if sending has ended: --duration or Ctrl-C. UsageError for a destination that needs
  // --i-own-this-network.
  bool send(View packet, std::uint64_t time, LinkType link);
  // The next packet starts a repetition of all packets, which are not checked again.
  void rewind() {
    transmitter_.rewind();
    is_repetition_ = true;
  }
  bool loop() const { return options_.loop; }
  // Sends buffered packets and prints the summary on standard error. Returns ExitStatus::differs
  // with --strict if the interface refused a packet. Throws SetupError if it refused all of them.
  ExitStatus finish();

 private:
  Octets make_frame(View packet, LinkType link);
  std::optional<MacAddress> resolve(const Address& address, const Address& from);

  const SendOptions& options_;
  DestinationGuard guard_;
  bool resolve_;
  InterruptHandler interrupt_;
  Progress progress_;
  Transmitter transmitter_;
  std::map<Address, std::optional<MacAddress>> resolved_;  // nullopt: no answer
  bool is_repetition_ = false;
  std::uint64_t number_ = 0;  // of packets sent
};

}  // namespace secct::cli
