// SPDX-License-Identifier: GPL-2.0-or-later
// Fragmentation and reassembly, IPv6 (RFC 8200 section 4.5, RFC 5722) and IPv4 (RFC 791).
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <vector>

#include "protocol/octets.hpp"

namespace secct::network {

struct Datagram;

// The datagram as it is when it has at most `mtu` octets, else its fragments, in order. Empty when
// it cannot be cut: no IP datagram, headers in front longer than the MTU.
std::vector<Octets> fragmented(View datagram, std::size_t mtu, std::uint32_t identification);

// Puts fragments together again. What overlaps, contradicts itself or grows beyond 65,535 octets is
// dropped with all its fragments; so is what is incomplete after 60 s. Memory is bounded: the
// oldest goes when there are too many.
class Reassembler {
 public:
  // A datagram that is no fragment comes back as it is, the only fragment of one (RFC 6946) without
  // its Fragment header; a fragment that completes its datagram brings the datagram, any other one
  // nothing. `now` in nanoseconds.
  std::optional<Octets> add(View octets, std::uint64_t now);

  std::size_t open() const { return open_.size(); }  // datagrams that wait for fragments
  std::uint64_t joined() const { return joined_; }   // fragments that became datagrams so far

 private:
  struct Key {
    Address source;
    Address destination;
    std::uint64_t identification;  // and the protocol, over IPv4
    auto operator<=>(const Key&) const = default;
  };
  struct Pieces {
    std::uint64_t since = 0;
    Octets head;                            // headers in front, of the first fragment
    std::uint8_t next = 0;                  // what they lead to
    std::map<std::uint32_t, Octets> parts;  // by offset in octets
    std::optional<std::uint32_t> length;    // of all parts, from the last fragment
    std::size_t octets = 0;
  };
  struct Fragment;

  static Fragment fragment_of(View octets, const Datagram& datagram);
  void forget_old(std::uint64_t now);

  std::map<Key, Pieces> open_;
  std::uint64_t joined_ = 0;
};

}  // namespace secct::network
