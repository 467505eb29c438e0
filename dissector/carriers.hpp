// SPDX-License-Identifier: GPL-2.0-or-later
// What SecCT messages travel in. Each carrier has a file of its own, which finds the messages in
// it, hands everything else to the stock dissector and keeps its filters working.
#pragma once

namespace secct::dissector {

// When protocols are registered: the names under which the hooks stand in dissector tables.
void announce_icmpv6();
void announce_dstopts();
void announce_mip4();

// AH and ESP: dissector/ipsec.hpp.

// At hand-off: the hooks go in.
void hook_icmpv6();
void hook_dstopts();
void hook_mip4();

}  // namespace secct::dissector
