// SPDX-License-Identifier: GPL-2.0-or-later
// Neighbor Discovery (RFC 4861) and ARP (RFC 826) on one Ethernet interface: answers for local
// addresses and resolves the addresses of destinations. All destinations are on-link. A state
// machine that performs no input and output: frames and the time (nanoseconds of any clock) go
// in, take() returns the frames to be sent.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "generator/namespace.hpp"
#include "generator/transmit/port.hpp"

namespace secct::generator {

class NeighborCache {
 public:
  // `is_local` returns whether an address belongs to this side.
  NeighborCache(MacAddress mac, std::function<bool(const Address&)> is_local)
      : mac_(mac), is_local_(std::move(is_local)) {}

  // The filter of pcap-filter(7) that all frames match that receive() does not ignore: those to
  // this interface that contain ARP or IP, and multicast messages of Neighbor Discovery.
  static std::string filter(const MacAddress& mac);

  // Processes a received frame: learns its sender and answers solicitations. Returns the IP
  // datagram in the frame, a view into it, if its destination is local. Ignores frames with VLAN
  // tags.
  std::optional<View> receive(View frame);

  // Sends a datagram: immediately, or after its destination is resolved. Datagrams are dropped if
  // the destination does not answer, or if too many of them wait.
  void send(View datagram, std::uint64_t now);

  // Retransmits solicitations that are due; deadline() is the time of the next one.
  void advance(std::uint64_t now);
  std::optional<std::uint64_t> deadline() const;

  // Sends a solicitation for `address` from the local address `from`.
  void solicit(const Address& address, const Address& from, std::uint64_t now);
  std::optional<MacAddress> find(const Address& address) const;  // std::nullopt if not resolved

  std::vector<Octets> take();                         // removes and returns the frames to be sent
  std::uint64_t dropped() const { return dropped_; }  // datagrams so far

 private:
  // A destination whose address is being resolved.
  struct Incomplete {
    Address from{};
    std::uint64_t next = 0;  // time of the next solicitation
    unsigned solicitations = 0;
    std::deque<Octets> datagrams;  // to be sent after the answer
  };

  void learn(const Address& address, const MacAddress& mac);
  void on_arp(View frame);
  void on_neighbor_message(View message, std::uint8_t type, const Address& source);
  void send_solicitation(const Address& address, Incomplete& entry, std::uint64_t now);
  void send_frame(const MacAddress& mac, View datagram);

  MacAddress mac_;
  std::function<bool(const Address&)> is_local_;
  std::map<Address, MacAddress> table_;
  std::deque<Address> oldest_;  // the keys of table_, in the order in which they were learned
  std::map<Address, Incomplete> incomplete_;
  std::vector<Octets> out_;
  std::uint64_t dropped_ = 0;
};

}  // namespace secct::generator
