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
  Octets ho_features;                       // the sub-options of the last P-SHIN, without Pad1
  std::optional<std::uint64_t> identifier;  // of the last message
  std::vector<std::uint32_t> tokens;        // of all messages
  std::uint32_t ah_sequence = 0;            // sequence number of the last AH

  // Records a datagram, which the tester sends as the message with this name ("shin"), here and in
  // `mobile_node`.
  void record_sent(std::string_view message, View datagram, const CodePoints& codepoints,
                   MobileNodeState& mobile_node);
};

}  // namespace secct::replay
