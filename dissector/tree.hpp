// SPDX-License-Identifier: GPL-2.0-or-later
// A decoded message as Wireshark's tree: one tree item per field, one subtree per group, one expert
// info per broken rule.
#pragma once

#include "dissector/epan/epan.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

// A copy of `text` in pinfo->pool, terminated by zero. With it, no std::string is alive when epan
// throws.
const char* pool_copy(const packet_info* pinfo, std::string_view text);

// Adds the fields and the problems of `decoded` below `tree`. `tvb` has the octets that were
// decoded. If `tree` is nullptr, only the expert infos are added.
void show_message(const DecodedMessage& decoded, tvbuff_t* tvb, packet_info* pinfo,
                  proto_tree* tree);

// Adds the hidden field secct.expert beside an expert info of the plugin.
void mark_finding(proto_tree* tree);

// The tree item that the last show_message() added for the first `field` of `decoded`; nullptr if
// there is none.
proto_item* tree_item_of(const DecodedMessage& decoded, Field field);

}  // namespace secct::dissector
