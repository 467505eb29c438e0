// SPDX-License-Identifier: GPL-2.0-or-later
// With the preference secct.show_keys off no key, IV or decrypted key octet is shown: the message
// is shown from a copy in which they are zeros.
#pragma once

#include "dissector/epan/epan.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

bool is_secret(Field field);

// After a change of the preference.
void prepare_hiding();

// The tvb to show `decoded` from: `tvb` itself where nothing has to be hidden, else a copy without
// secrets, which is a data source of its own. The tape's octets become those of the copy.
tvbuff_t* without_secrets(DecodedMessage& decoded, tvbuff_t* tvb, packet_info* pinfo,
                          proto_tree* tree);

}  // namespace secct::dissector
