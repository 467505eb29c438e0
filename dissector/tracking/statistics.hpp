// SPDX-License-Identifier: GPL-2.0-or-later
// The tap "secct" and the statistics over it: `tshark -z secct,tree` (counters), `tshark -z
// secct,srt` (response times) and the same in Wireshark's menu Statistics.
#pragma once

#include "dissector/tracking/track.hpp"

namespace secct::dissector {

void register_statistics();         // when protocols are registered
void register_statistics_tables();  // when the taps of the plugin are registered

// Passes a message to the tap; `result` may be nullptr. Does nothing for a message that an ICMP
// error quotes.
void count_message(const DecodedMessage& decoded, const TrackingResult* result, packet_info* pinfo);
// Passes a broken rule to the tap that belongs to the packet and not to one of its messages.
void count_rule(RuleId rule, packet_info* pinfo);

}  // namespace secct::dissector
