// SPDX-License-Identifier: GPL-2.0-or-later
// Neighbor Discovery (RFC 4861) and ARP (RFC 826) on one Ethernet interface, both ways: answers for
// the addresses that this side plays, finds the link-layer address of every destination. A state
// machine: frames and time (nanoseconds) in, frames out.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "generator/namespace.hpp"
#include "generator/transmit/port.hpp"

namespace secct::generator {

class NeighborCache {
 public:
  // `ours` says whether this side answers for an address.
  NeighborCache(MacAddress mac, std::function<bool(const Address&)> ours)
      : mac_(mac), ours_(std::move(ours)) {}

  // A frame from the wire: learns its sender, answers solicitations, gives the IP datagram that it
  // holds when there is one for us (a destination that is ours). VLAN tags are not for us.
  std::optional<View> receive(View frame, std::uint64_t now);

  // Sends a datagram, at once or when its destination has answered. What waits too long or is too
  // much is dropped and counted.
  void send(View datagram, std::uint64_t now);

  // Asks again where an answer is due. deadline(): when there is something to ask.
  void advance(std::uint64_t now);
  std::optional<std::uint64_t> deadline() const;

  // Asks for `address` now; known() says whether it has answered.
  void solicit(const Address& address, const Address& from, std::uint64_t now);
  bool known(const Address& address) const { return table_.contains(address); }
  std::optional<MacAddress> find(const Address& address) const;

  std::vector<Octets> take();  // frames to be sent, in order
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Waiting {
    Address from{};
    std::uint64_t next = 0;
    unsigned asked = 0;
    std::deque<Octets> datagrams;
  };

  void learn(const Address& address, const MacAddress& mac);
  void on_arp(View frame);
  void on_neighbor_message(View message, std::uint8_t type, const Address& source);
  void ask(const Address& address, Waiting& waiting, std::uint64_t now);
  void frame_to(const MacAddress& mac, View datagram);

  MacAddress mac_;
  std::function<bool(const Address&)> ours_;
  std::map<Address, MacAddress> table_;
  std::deque<Address> oldest_;  // of table_, in the order in which they were learnt
  std::map<Address, Waiting> waiting_;
  std::vector<Octets> out_;
  std::uint64_t dropped_ = 0;
};

}  // namespace secct::generator
