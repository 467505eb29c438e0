// SPDX-License-Identifier: GPL-2.0-or-later
// One SecCT message, whatever its carrier: decodes it, tracks it and adds its layer to the tree.
#pragma once

#include <type_traits>

#include "dissector/epan/epan.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

// Input of dissect_message() beside the octets, and its output.
struct CarrierInfo {
  Carrier carrier = Carrier::icmpv6;
  Envelope envelope;
  bool is_partial = false;   // the message is longer than the octets in the tvb
  View registration;         // UDP payload of a Registration Request or Reply
  const char* summary = "";  // output, in pinfo->pool: one line for the Info column
};

// It is on the stack when epan throws (see dissector/epan/epan.hpp).
static_assert(std::is_trivially_destructible_v<CarrierInfo>);

void register_message();  // at handoff

// Dissects the message in `tvb`, which begins with its type octet and ends with the message, in its
// own layer. Does not throw if octets are missing: the carrier does that after its own work.
void dissect_message(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
                     CarrierInfo& carrier_info);

// Shows the tracking result of a Registration Reply without the SecCT extension, if it answers a
// request that has one; otherwise does nothing. frame.protocols does not change.
//   accepted  the reply accepts the registration
void dissect_bare_reply(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
                        const CarrierInfo& carrier_info, bool accepted);

}  // namespace secct::dissector
