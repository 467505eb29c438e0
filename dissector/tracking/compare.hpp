// SPDX-License-Identifier: GPL-2.0-or-later
// Compares a message with the earlier messages of its handover and adds findings to its result. The
// functions also update the handover or the exchange, for the comparison with later messages. They
// are called in the first pass, once per message.
#pragma once

#include "dissector/tracking/handover.hpp"

namespace secct::dissector {

// Compares P-SHIN, HI, SHIN, SHREQ or Registration Request with the handover.
void compare_request(const DecodedMessage& decoded, Handover& handover, TrackingResult& result);

// Stores the parts of a request that compare_reply() needs in `exchange`.
void record_request(const DecodedMessage& decoded, Exchange& exchange);

// Compares HAck, SHREP, SHREP-Ack, SHAK or Registration Reply with the request that it answers,
// which is of the kind `kind`, and with the handover.
void compare_reply(const DecodedMessage& decoded, const Exchange& exchange, RequestKind kind,
                   TrackingResult& result);

}  // namespace secct::dissector
