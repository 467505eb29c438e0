// SPDX-License-Identifier: GPL-2.0-or-later
// A tape as Wireshark's tree: one item per field, one subtree per group, one expert info per
// broken rule.
#pragma once

#include "dissector/epan/epan.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

// Text that lives as long as the packet, so that no std::string is alive while epan may throw.
const char* pooled(const packet_info* pinfo, std::string_view text);

// Shows `decoded`, whose octets are those of `tvb`, below `tree`.
void show(const DecodedMessage& decoded, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree);

// After show(): the tree item of the tape's first item with `field`, or nullptr.
proto_item* shown(const DecodedMessage& decoded, Field field);

}  // namespace secct::dissector
