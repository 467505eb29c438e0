// SPDX-License-Identifier: GPL-2.0-or-later
// Statistics over a capture: `-z secct,tree`, `-z secct,srt` and Wireshark's menus.
#pragma once

#include "dissector/tracking/track.hpp"

namespace secct::dissector {

void register_statistics();         // when protocols are registered
void register_statistics_tables();  // when the plugin's taps are registered

// Hands a message that was shown to whoever counts. `track` may be nullptr.
void count(const DecodedMessage& decoded, const Track* track, packet_info* pinfo);
// The same with what was found out about a packet beside its messages.
void count(Finding finding, packet_info* pinfo);

}  // namespace secct::dissector
