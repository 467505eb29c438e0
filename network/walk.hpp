// SPDX-License-Identifier: GPL-2.0-or-later
// The walk of one frame: the implementation of FrameWalker. Headers are walked in a loop; each
// level is a datagram inside the one before it. Datagrams: network/walk.cpp; ICMPv6 messages,
// options and registrations: network/walk_messages.cpp.
#pragma once

#include "network/header_chain.hpp"
#include "network/layer_step.hpp"

namespace secct::network {

struct WalkLevel {
  FrameDatagram shown;
  ChainEnd end = ChainEnd::complete;
  Stop::Reason shortage = Stop::Reason::bad_length;  // see Part

  // The octets from `offset` to the end of the datagram.
  Part from(std::size_t offset) const {
    return {shown.datagram.octets.subspan(offset), shown.missing, shortage};
  }
};

struct WalkMemory {
  std::array<WalkLevel, max_nesting + 1> levels;
  std::array<Octets, max_nesting + 1> buffers;  // what a level is decrypted or reassembled to
};

class Walk {
 public:
  Walk(const Frame& frame, FrameVisitor& visitor, WalkMemory& memory)
      : frame_(frame.octets), visitor_(visitor), memory_(memory) {}

  void run(LinkType link, const Part& part);

 private:
  std::optional<std::size_t> frame_offset(View octets) const;
  void report(const Step& step);
  Step to_network_layer(Step step);
  // Parses the headers of a datagram into the next level. Returns `step`, or the reason to stop.
  Step enter(const Step& step);
  // Sets what a datagram inherits from the one around it.
  void place(FrameDatagram& shown, bool quoted);
  // Walks the headers of a datagram. Returns the layer that the last one contains.
  Step content(const WalkLevel& level);
  void complete_header(const WalkLevel& level, const Header& header);
  // The last header of the chain, which the datagram does not contain completely.
  Step incomplete_header(const WalkLevel& level, const Header& header);
  Step upper_layer(const WalkLevel& level, const Header& header);
  Step esp(const WalkLevel& level, const Header& header, const Part& part);
  Step fragment(const WalkLevel& level);
  void message(Carrier carrier, const Part& part, std::size_t excess, const WalkLevel& level,
               const Header& header);
  // Reports the options of a header and returns what it could not parse, at its end.
  Part options(const WalkLevel& level, const Header& header, const Part& part);
  Step icmpv6(const WalkLevel& level, const Header& header, const Part& part);
  Step udp(const WalkLevel& level, const Header& header, const Part& part);
  Step registration(const WalkLevel& level, const Header& header, const Part& payload);

  View frame_;
  FrameVisitor& visitor_;
  WalkMemory& memory_;
  std::size_t depth_ = 0;   // levels in use
  std::size_t layers_ = 0;  // parsed so far
  bool in_frame_ = true;    // not yet decrypted or reassembled
  bool stopped_ = false;    // by the visitor
  // Of the next datagram:
  std::size_t first_header_ = 0;
  bool decrypted_ = false;
};

}  // namespace secct::network
