// SPDX-License-Identifier: GPL-2.0-or-later
// Detects that the router under test has stopped answering, and which jobs may have caused it.
#pragma once

#include <deque>
#include <vector>

#include "generator/description/router_description.hpp"
#include "network/datagram.hpp"
#include "replay/namespace.hpp"
#include "replay/tester/job.hpp"

namespace secct::replay {

// An echo request from the other router's address, of ICMPv6, or of ICMP if it is an IPv4 address.
class EchoProbe {
 public:
  // `octets` is the size of the packet from the IP header on, and its sequence number; a packet
  // without data is the smallest one.
  EchoProbe(const RouterDescription& description, std::uint16_t identifier, std::size_t octets = 0);

  const Octets& request() const { return request_; }  // from the IP header on
  bool is_reply(const Datagram& datagram) const;

 private:
  Address tester_;
  Octets body_;  // what follows the checksum
  Octets request_;
};

// The jobs whose packets the router may not have processed yet. A router processes packets in
// order: if it answers one, it has survived all earlier ones.
class UnansweredPackets {
 public:
  void add(Job& job) { jobs_.push_back(&job); }  // sends a packet
  void remove_answered(const Job& job);          // has received a packet
  // The jobs of the unanswered packets, in order and without duplicates, then all others of `jobs`
  // that are running. Forgets the packets.
  std::vector<Job*> take_suspects(std::deque<Job>& jobs);

 private:
  std::vector<Job*> jobs_;  // one entry per packet
};

}  // namespace secct::replay
