// SPDX-License-Identifier: GPL-2.0-or-later
// Values of the packets that a case has sent. Variables and predicates of later steps refer to
// them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "replay/namespace.hpp"
#include "replay/tester/case/mobile_node_state.hpp"

namespace secct::replay {

struct CaseState {
  // The last request of the mobile node: the destination option of a SHIN, or the SecCT extension
  // of a Mobile IPv4 Registration Request.
  struct {
    Carrier carrier = Carrier::dstopt;
    Octets octets;
  } request;
  Octets ho_features;                       // that the last P-SHIN announces
  std::optional<std::uint64_t> identifier;  // of the last message
  std::vector<std::uint32_t> tokens;        // of all messages
  std::uint32_t last_sequence = 0;          // sequence number of the last AH or ESP header
  std::vector<Octets> messages;             // all ICMPv6 messages, from the ICMPv6 header on

  // Records a datagram, which the tester sends as the message with this name ("shin"), here and in
  // `mobile_node`.
  void record_sent(std::string_view message, View datagram, const CodePoints& codepoints,
                   MobileNodeState& mobile_node);
  // The Identifier of the message that the ICMPv6 message of the datagram repeats: the last one of
  // `messages` that has the same octets except for Identifier and checksum. std::nullopt: none.
  std::optional<std::uint16_t> repeated_identifier(View datagram, const Keyring& keys) const;
};

}  // namespace secct::replay
