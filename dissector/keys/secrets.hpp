// SPDX-License-Identifier: GPL-2.0-or-later
// Hides keys if the preference secct.show_keys is off: a message is then shown from a copy that has
// zeros for keys, IVs and all other octets of contexts that may be keys.
#pragma once

#include "dissector/epan/epan.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

bool is_secret(Field field);

// To be called after a change of preferences. Keys in fragments of a message are hidden too, from
// the first call with secct.show_keys off.
void register_fragment_hiding();

// Returns the tvb from which `decoded` is to be shown: `tvb` itself if nothing has to be hidden,
// else a copy without keys in pinfo->pool, which is added as a data source. decoded.octets then
// refers to the copy.
tvbuff_t* without_secrets(DecodedMessage& decoded, tvbuff_t* tvb, packet_info* pinfo,
                          proto_tree* tree);

}  // namespace secct::dissector
