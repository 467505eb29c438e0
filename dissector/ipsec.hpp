// SPDX-License-Identifier: GPL-2.0-or-later
// AH and ESP under SAs whose keys the dissector has. The hooks of ip.proto 50 and 51 verify ICVs
// and sequence numbers, and decrypt ESP. All other AH and ESP packets go to the stock dissectors.
#pragma once

namespace secct::dissector {

void announce_ipsec();  // when protocols are registered
void hook_ipsec();      // at handoff

}  // namespace secct::dissector
