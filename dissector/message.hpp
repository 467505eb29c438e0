// SPDX-License-Identifier: GPL-2.0-or-later
// One SecCT message, whatever carries it: decoded, shown, summed up in one line.
#pragma once

#include <type_traits>

#include "dissector/epan/epan.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

// What a carrier hands over along with the octets, and what it gets back.
struct Delivery {
  Carrier carrier = Carrier::icmpv6;
  Envelope envelope;
  bool goes_on = false;              // the message is longer than the octets that are here
  std::uint32_t identification = 0;  // of a Registration Request or Reply, the low half
  const char* summary = "";          // filled in: one line for the Info column
};

// It lies on the stack while epan may throw.
static_assert(std::is_trivially_destructible_v<Delivery>);

void register_message();  // at hand-off

// Dissects the message in `tvb`, from its type octet to its end, as a layer of its own. Does not
// throw for missing octets: the carrier does, when all else is done.
void dissect_message(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, Delivery& delivery);

// A Registration Reply without the extension, where it answers a request that had one: its place in
// the handover. `accepted`: the registration itself succeeded. Adds no layer.
void dissect_bare_reply(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
                        const Delivery& delivery, bool accepted);

}  // namespace secct::dissector
