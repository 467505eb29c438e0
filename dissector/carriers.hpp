// SPDX-License-Identifier: GPL-2.0-or-later
// The carriers of SecCT messages: ICMPv6, IPv6 destination options and Mobile IPv4. (AH and ESP:
// dissector/ipsec.hpp.) Each carrier has its own file. Its hook replaces the stock dissector
// in a dissector table, dissects the SecCT messages and passes all other packets to the stock
// dissector.
#pragma once

namespace secct::dissector {

// To be called when protocols are registered. Registers the names that the hooks have in
// Wireshark's "Decode As".
void announce_icmpv6();
void announce_dstopts();
void announce_mip4();

// To be called at handoff. Puts the hooks into the dissector tables.
void hook_icmpv6();
void hook_dstopts();
void hook_mip4();

}  // namespace secct::dissector
