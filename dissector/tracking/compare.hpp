// SPDX-License-Identifier: GPL-2.0-or-later
// A message held against the ones that came before it in its handover.
#pragma once

#include "dissector/tracking/handover.hpp"

namespace secct::dissector {

// P-SHIN, HI, SHIN, SHREQ, Registration Request: against the handover, which learns from it.
void compare_request(const DecodedMessage& decoded, Handover& handover, Track& track);

// What its reply will be held against.
void note_request(const DecodedMessage& decoded, Exchange& exchange);

// HAck, SHREP, SHREP-Ack, SHAK, Registration Reply: against what it answers too.
void compare_reply(const DecodedMessage& decoded, const Exchange& exchange, Pairing pairing,
                   Track& track);

}  // namespace secct::dissector
