// SPDX-License-Identifier: GPL-2.0-or-later
// Sends and receives IP datagrams on one or two Ethernet interfaces, with the real clock. The live
// tester and the reference router process use it: it answers neighbor discovery for the addresses
// that they play, resolves neighbors, fragments and reassembles.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "generator/transmit/destination_guard.hpp"
#include "generator/transmit/neighbor_cache.hpp"
#include "network/fragment.hpp"
#include "protocol/time.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

struct WireOptions {
  std::string interface;
  std::string mn_interface;  // faces the mobile nodes; empty: the same interface
  std::uint32_t mtu = 1500;  // in octets; larger datagrams are fragmented
  // True for the addresses that this process plays: it receives and answers for them.
  std::function<bool(const Address&)> ours;
  // True if datagrams from `source` to `destination` are sent on mn_interface.
  std::function<bool(const Address& source, const Address& destination)> to_mobile_side;
  int wake_fd = -1;          // receive() returns when this is readable
  bool any_network = false;  // also send datagrams that DestinationGuard finds unsafe
};

class Wire {
 public:
  // Throws SetupError if an interface cannot be used.
  explicit Wire(WireOptions options);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Nanoseconds since 1970. Monotonic: unaffected by changes of the system clock.
  Time now() const;

  // Sends an IP datagram. Without a link-layer address of the destination it waits for neighbor
  // discovery; it is dropped if no neighbor answers. Drops a datagram that may leave the test
  // network, see `any_network`.
  void send(View datagram);

  struct Received {
    Time time;  // at which the kernel received it
    Octets octets;
    MacAddress from{};  // the Ethernet source address of its last fragment
  };
  // The next datagram to one of our addresses, reassembled. std::nullopt at `until`, if all frames
  // that arrived before the call have been processed, or if wake_fd is readable: however many
  // frames arrive, both are noticed after at most 256 of them. Throws SetupError if an interface
  // has disappeared.
  std::optional<Received> receive(Time until);

  // Resolves the link-layer address of `address`, with solicitations from `from`; false without an
  // answer within 4 s. Datagrams that arrive meanwhile are lost.
  bool resolve(const Address& address, const Address& from);
  // The link-layer address of `address`, if it is known on any side.
  std::optional<MacAddress> link_address(const Address& address) const;
  // The largest IP datagram of the interface that faces the other router, in octets.
  std::uint32_t mtu() const;

  struct Counters {
    std::uint64_t received = 0;  // datagrams to our addresses
    std::uint64_t sent = 0;
    std::uint64_t dropped_by_kernel = 0;   // because more frames arrived than were processed
    std::uint64_t dropped_fragments = 0;   // of datagrams that were not completed
    std::uint64_t dropped_unresolved = 0;  // no neighbor answered for the destination
    std::uint64_t dropped_unsafe = 0;      // not sent, see `any_network`
  };
  Counters counters() const;

 private:
  struct Side;
  Side& side_for(View datagram);
  void flush(Side& side);
  Side* side_with_frame();
  std::optional<Received> take_frame(Side& side);
  bool is_woken() const;
  void advance_neighbors(Time time);
  void sleep(Time until);

  WireOptions options_;
  // The side of the other router; then that of the mobile nodes, if it is another interface.
  std::vector<std::unique_ptr<Side>> sides_;
  Reassembler reassembler_;
  DestinationGuard guard_;
  Time start_ = 0;  // real time and monotonic time of the same moment
  Time steady_start_ = 0;
  Time last_ = 0;
  std::uint32_t identification_ = 0;
  unsigned frames_ = 0;  // since wake_fd was looked at
  Counters counters_;
};

}  // namespace secct::replay
