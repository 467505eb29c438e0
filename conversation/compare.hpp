// SPDX-License-Identifier: GPL-2.0-or-later
// The comparisons of the conversation engine: a request with the message that caused it, a reply
// with its request. A rule is broken only if the captured messages prove it: each comparison also
// considers that a message in between may be missing.
#pragma once

#include <algorithm>

#include "conversation/conversation.hpp"
#include "conversation/handovers.hpp"
#include "protocol/tables/timers.hpp"

namespace secct::conversation {

// The message that is observed now.
struct Current {
  const Message& message;
  const DecodedMessage& decoded;
  const Address& source;
  const Address& destination;
  std::uint32_t identifier;
  bool complete;  // its end is not missing
  Relations& found;
  const Options& options;
  const Timers& timers;
  Events* events;  // may be nullptr
  Time last_cut;   // of the last message whose end is missing; 0: none

  Time since(Time earlier) const { return message.time - std::min(message.time, earlier); }
  Time ago(Time duration) const { return message.time - std::min(message.time, duration); }
  bool is_retransmission() const { return found.retransmission_of != 0; }
  // Since `time`, no packet of the sender under the same SA is missing, and no message is cut.
  bool is_gapless_since(Time time) const {
    return message.complete_since && *message.complete_since <= time && last_cut <= time;
  }
};

// Compares a request that is not a retransmission with its handover, and stores the values with
// which later messages are compared. `is_new`: `exchange` has just become part of the handover.
void compare_request(const Current& at, Handover& handover, Exchange& exchange, bool is_new);

// Compares a reply with its request, which is waiting for it or is continued by it.
void compare_reply(const Current& at, Exchange& exchange);
// Adds the Identifier or address in which a reply differs from the request that it should answer.
void compare_ends(const Current& at, const Exchange& exchange);

// The contexts of a HI or SHREP, and how they are protected.
void compare_contexts(const Current& at, Handover& handover);

// Verifies the authentication token if its key is known. Pointers may be nullptr: the message
// belongs to no handover, or is not a request.
void verify_token(const Current& at, Handover* handover, Exchange* exchange);

std::uint32_t replay_of(const DecodedMessage& decoded);  // no_replay without AuthPrtr

// True if the SHREQ is a copy of the SHIN of this handover, and not of one that is not captured:
// another SHIN has another Replay and another token.
bool copies_shin(const DecodedMessage& shreq, const Handover& handover);

// Nothing if `shreq` contains the octets that the SHIN had from AuthPrtr on; else the violation.
// Zero octets that pad the ICMP option do not count.
std::optional<Violation> compare_verbatim(View shin_from_auth, const DecodedMessage& shreq);

// Nothing if a reply travels from where its request went to where it came from.
std::optional<Violation> compare_swapped(const Address& request_source,
                                         const Address& request_destination,
                                         const Address& reply_source,
                                         const Address& reply_destination);

}  // namespace secct::conversation
