// SPDX-License-Identifier: GPL-2.0-or-later
// Link layers that do not come from the wire: headers of operating systems and capture libraries
// (tcpdump.org/linktypes.html, radiotap.org). And IEEE 802.11, which radiotap contains.
#pragma once

#include "network/layer_step.hpp"

namespace secct::network {

Step null_loopback(const Part& part);  // of BSD: LINKTYPE_NULL and LINKTYPE_LOOP
// LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2: a header of `head` octets with the EtherType.
Step linux_cooked(const Part& part, std::size_t head, std::size_t protocol_at);
Step nflog(const Part& part);
Step radiotap(const Part& part);
// A data frame of IEEE 802.11. `is_padded`: its header is padded to a multiple of 4 octets.
Step wireless(const Part& part, bool is_padded);

}  // namespace secct::network
