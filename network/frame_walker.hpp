// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the octets in a captured frame that may be a SecCT message. Follows link layers, tunnels,
// extension headers, ICMP errors, and, with the help of a visitor, ESP and fragments:
//
//   struct Printer : FrameVisitor {
//     Action on_message(const CandidateMessage& message) override {
//       fmt::print("{} octets at {}\n", message.octets.size(), message.frame_offset.value_or(0));
//       return Action::proceed;
//     }
//   };
//   Printer printer;
//   FrameWalker walker;  // for all frames: it keeps its memory
//   walker.walk({LinkType::ethernet, octets, original_length}, printer);
//
// Link layers: network/link_layers.cpp; tunnels: network/tunnels.cpp.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "network/datagram.hpp"
#include "network/link_type.hpp"

namespace secct::network {

struct Frame {
  LinkType link;
  View octets;                  // as captured
  std::size_t original_length;  // at least octets.size()
};

// A datagram in a frame. Valid until the next walk, like all octets that it views.
struct FrameDatagram {
  Datagram datagram;                     // `octets` as captured
  const FrameDatagram* outer = nullptr;  // contains this one; nullptr for the outermost
  std::size_t depth = 0;                 // number of `outer` datagrams
  std::size_t missing = 0;               // octets at its end that were not captured or quoted
  // std::nullopt if the datagram was decrypted or reassembled, and for all datagrams in such a one.
  std::optional<std::size_t> frame_offset;
  bool quoted = false;  // in an ICMP error or Redirect, or in a datagram in one
  // Of the content: ESP if the datagram or one around it was decrypted, else AH if one of them has
  // an AH. AH counts without verification.
  Protection protection = Protection::none;
  // If this is `outer` after decryption or reassembly, the headers before this index in the chain
  // are headers of `outer`, and their content is not reported again.
  std::size_t first_header = 0;
};

// What may be a SecCT message: a whole ICMPv6 message; an option of a Destination Options or
// Hop-by-Hop Options header, without padding; an extension of a Mobile IPv4 registration.
struct CandidateMessage {
  Carrier carrier;
  View octets;          // as captured, at least 1
  std::size_t missing;  // octets at its end that were not captured or quoted
  // Octets by which its length field goes beyond the header or UDP datagram that contains it.
  std::size_t excess;
  const FrameDatagram& in;
  const Header& header;  // of in.datagram.chain
  std::optional<std::size_t> frame_offset;
};

// The walker does not understand an octet of the frame, or the frame ends too early. Usually the
// last report of a walk. An upper layer that cannot contain SecCT, such as TCP or ARP, is not one.
struct Stop {
  enum class Reason : std::uint8_t {
    unknown_link_type,    // `number` is the LinkType
    unknown_ethertype,    // `number` is the EtherType
    unknown_llc,          // `number` are DSAP and SSAP, or the OUI of SNAP
    unknown_ppp,          // `number` is the PPP protocol
    unknown_family,       // `number` is the address family of BSD loopback or NFLOG
    unknown_version,      // `number` is the IP version
    unknown_ip_protocol,  // `number` is the IP protocol
    unsupported_format,   // of a link-layer or tunnel header
    truncated,            // the rest was not captured or quoted
    bad_length,           // a length field contradicts the octets
    encrypted,            // ESP that the visitor does not decrypt, or protected IEEE 802.11
    fragment,             // that the visitor does not complete
    nesting,              // more than `max_nesting` datagrams in each other
    too_many_headers
  };
  Reason reason;
  std::uint32_t number;  // see `Reason`, otherwise 0
  View octets;  // from the first octet that was not understood to the end of what contains it
  std::optional<std::size_t> frame_offset;  // of `octets`
  bool quoted;                              // see FrameDatagram
};
std::string_view text(Stop::Reason reason);

// Receives what a walk finds, in the order of the octets. Everything is valid until the next walk.
class FrameVisitor {
 public:
  enum class Action : std::uint8_t { proceed, stop };  // stop: end the walk of this frame

  virtual ~FrameVisitor() = default;

  virtual Action on_datagram(const FrameDatagram&) { return Action::proceed; }
  virtual Action on_message(const CandidateMessage&) { return Action::proceed; }
  virtual void on_stop(const Stop&) {}
  // An ARP packet (RFC 826), as captured. The last report of a walk.
  virtual void on_arp(View /*octets*/) {}

  // A complete AH of in.datagram.chain. Its content is walked in any case.
  virtual void on_ah(const FrameDatagram& /*in*/, const Header&) {}
  // An ESP header, which includes the rest of in.datagram; its end is missing if in.missing > 0. To
  // have its content walked, append the decrypted octets without padding to `payload` and return
  // their Next Header; otherwise return std::nullopt. `payload` already contains the headers before
  // ESP.
  virtual std::optional<std::uint8_t> on_esp(const FrameDatagram& /*in*/, const Header&,
                                             Octets& /*payload*/) {
    return std::nullopt;
  }
  // A complete fragment, in.datagram.octets, that is not quoted. To have the datagram walked that
  // it completes, set `whole` to it and return true.
  virtual bool on_fragment(const FrameDatagram& /*in*/, Octets& /*whole*/) { return false; }
};

struct WalkMemory;

class FrameWalker {
 public:
  FrameWalker();
  ~FrameWalker();

  // Takes linear time in the octets of the frame and of what the visitor decrypts and reassembles.
  void walk(const Frame& frame, FrameVisitor& visitor);

 private:
  std::unique_ptr<WalkMemory> memory_;
};

}  // namespace secct::network
