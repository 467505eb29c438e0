// SPDX-License-Identifier: GPL-2.0-or-later
// Fragmentation and reassembly, IPv6 (RFC 8200 section 4.5, RFC 5722) and IPv4 (RFC 791).
#pragma once

#include <compare>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "protocol/octets.hpp"

namespace secct::network {

struct Datagram;

// The fragments of an IP datagram, in order; the unchanged datagram if it has at most `mtu` octets.
// Empty if it cannot be fragmented: it is not an IP datagram, or its unfragmentable part does not
// leave room for 8 octets in the MTU. The fragments have this identification, or that of an IPv4
// datagram with AH, whose ICV covers it.
std::vector<Octets> fragmented(View datagram, std::size_t mtu, std::uint32_t identification);

// Reassembles datagrams. A datagram is discarded with all its fragments if fragments overlap
// (RFC 5722), contradict each other or exceed 65,535 octets, or if it is incomplete after 60 s.
// Memory is bounded: beyond 256 incomplete datagrams, the oldest one is discarded.
class Reassembler {
 public:
  // Returns the datagram that `octets` are or complete; std::nullopt if more fragments are needed
  // or the datagram is discarded. Octets that are not a fragment are returned unchanged, an atomic
  // fragment (RFC 6946) without its Fragment header. `now` in nanoseconds.
  std::optional<Octets> add(View octets, std::uint64_t now);

  std::size_t incomplete() const { return partial_.size(); }  // datagrams
  std::uint64_t reassembled() const { return reassembled_; }  // fragments of complete datagrams
  std::uint64_t discarded() const { return discarded_; }      // fragments of other datagrams

 private:
  struct Key {
    Address source;
    Address destination;
    std::uint64_t identification;  // IPv4: with the protocol
    auto operator<=>(const Key&) const = default;
  };
  struct PartialDatagram {
    std::uint64_t since = 0;                // time of the first fragment
    Octets head;                            // unfragmentable part, from the fragment with offset 0
    std::map<std::uint32_t, Octets> parts;  // by offset in octets
    std::optional<std::uint32_t> length;    // of the fragmentable part, from the last fragment
    std::size_t octets = 0;                 // received so far
    std::list<Key>::iterator position;      // in order_
  };
  using Partials = std::map<Key, PartialDatagram>;
  struct Fragment;

  static Fragment fragment_of(View octets, const Datagram& datagram);
  void discard_expired(std::uint64_t now);
  void discard(Partials::iterator entry);
  void forget(Partials::iterator entry);

  Partials partial_;
  std::list<Key> order_;  // the keys of partial_, oldest first
  std::uint64_t reassembled_ = 0;
  std::uint64_t discarded_ = 0;
};

}  // namespace secct::network
