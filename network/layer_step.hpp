// SPDX-License-Identifier: GPL-2.0-or-later
// What FrameWalker and its parsers of link layers and tunnels exchange. Each parser reads one
// header and returns a Step, so that no nesting of headers leads to recursion.
#pragma once

#include <algorithm>

#include "network/frame_walker.hpp"

namespace secct::network {

// Octets of a frame, from the first one that was not parsed to the end of what contains them.
struct Part {
  View octets;              // as captured
  std::size_t missing = 0;  // octets after them that were not captured or quoted
  // Why a header that needs more octets than there are cannot be parsed: truncated or bad_length.
  Stop::Reason shortage = Stop::Reason::bad_length;

  bool has(std::size_t count) const { return octets.size() >= count; }
  std::size_t size() const { return octets.size() + missing; }
  // The number in `width` octets at `at`; they must have been captured.
  std::uint32_t number(std::size_t at, std::size_t width) const {
    return static_cast<std::uint32_t>(big_endian(octets.subspan(at, width)));
  }
  std::uint32_t little_endian(std::size_t at, std::size_t width) const {
    std::uint32_t number = 0;
    for (auto i = width; i-- > 0;) number = number << 8 | octets[at + i];
    return number;
  }
  // Without the first `count` octets, which must have been captured.
  Part after(std::size_t count) const { return {octets.subspan(count), missing, shortage}; }
  // The first `count` octets; all if there are fewer.
  Part first(std::size_t count) const {
    if (count <= octets.size()) return {octets.first(count), 0, Stop::Reason::bad_length};
    return {octets, std::min(count, size()) - octets.size(), shortage};
  }
};

enum class Layer : std::uint8_t {
  ip,
  ethernet,
  ethertype,  // of type `number`
  llc,
  ppp,
  cisco_hdlc,
  mpls,
  arp,
  none,  // the part cannot contain IP
  stop   // `reason`
};

// The layer that a part begins with.
struct Step {
  Layer layer;
  Part part;
  std::uint32_t number = 0;
  Stop::Reason reason{};
  bool quoted = false;
};

inline Step stop(Stop::Reason reason, const Part& part, std::uint32_t number = 0) {
  return {Layer::stop, part, number, reason};
}
// For a part that is shorter than its header.
inline Step too_short(const Part& part) { return stop(part.shortage, part); }

// The first layer of a frame.
Step link_layer(LinkType link, const Part& part);
// Parses the header of a layer other than ip, arp, none and stop.
Step next_layer(const Step& step);

// The content of a tunnel. The part begins with the GRE header, or is the payload of UDP.
Step gre(const Part& part);
Step vxlan(const Part& part);
Step gtp_u(const Part& part);
Step teredo(const Part& part);
// The datagram that an ICMP error or Redirect quotes, and `none` for any other ICMP message.
Step quoted_by_icmp(const Part& message);
Step quoted_by_icmpv6(const Part& message);

}  // namespace secct::network
