// SPDX-License-Identifier: GPL-2.0-or-later
// Faults and variations that are a row of a table: a check left out, a time that is wrong, a field
// of a message or of a context that is changed on its way. What needs the router's state acts in
// the router itself.
#pragma once

#include "generator/description/context.hpp"
#include "generator/document/document.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "replay/router/overrides/behaviour_override.hpp"
#include "replay/router/timers.hpp"

namespace secct {

struct Offered;

void distort_timers(const Deviation& deviation, Timers& timers);

// --- what comes in
// Takes the broken rules off the tape that the router does not look at.
void overlook(const Deviation& deviation, Tape& tape);
// The router discards a message that it must process.
bool discards_too(const Deviation& deviation, const Tape& tape);
// The router does not survive this message.
bool dies_of(const Deviation& deviation, const Tape& tape);
void distort_offered(const Deviation& deviation, const Tape& tape, std::vector<Offered>& contexts);
void distort_taken_over(const Deviation& deviation, Context& context);

// --- what goes out
void distort_handed_over(const Deviation& deviation, Context& context);
void distort_message(const Deviation& deviation, const CodePoints& codepoints, Node& message);
void distort_packet(const Deviation& deviation, PacketDocument& packet);
// The message goes out without the AH or ESP that it needs.
bool sent_in_clear(const Deviation& deviation, const Node& message);

// Each context in a message of its own.
std::vector<std::vector<Context>> one_each(const std::vector<Context>& contexts);

}  // namespace secct
