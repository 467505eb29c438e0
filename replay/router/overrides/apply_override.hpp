// SPDX-License-Identifier: GPL-2.0-or-later
// Faults and variations that are a row of a table: a check left out, a time that is wrong, a field
// of a message or of a context that is changed on its way. What needs the router's state acts in
// the router itself.
#pragma once

#include "generator/description/context.hpp"
#include "generator/document/document.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/namespace.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::replay {

struct ReceivedContext;

void override_timers(const BehaviourOverride& behaviour, Timers& timers);

// --- what comes in
// Takes the broken rules off the tape that the router does not look at.
void skip_check(const BehaviourOverride& behaviour, DecodedMessage& decoded);
// The router discards a message that it must process.
bool discards_too(const BehaviourOverride& behaviour, const DecodedMessage& decoded);
// The router does not survive this message.
bool crashes_on(const BehaviourOverride& behaviour, const DecodedMessage& decoded);
void override_received(const BehaviourOverride& behaviour, const DecodedMessage& decoded,
                       std::vector<ReceivedContext>& contexts);
void override_taken_over(const BehaviourOverride& behaviour, Context& context);

// --- what goes out
void override_handed_over(const BehaviourOverride& behaviour, Context& context);
void override_message(const BehaviourOverride& behaviour, const CodePoints& codepoints,
                      Node& message);
void override_packet(const BehaviourOverride& behaviour, PacketDocument& packet);
// The message goes out without the AH or ESP that it needs.
bool sent_in_clear(const BehaviourOverride& behaviour, const Node& message);

// Each context in a message of its own.
std::vector<std::vector<Context>> one_each(const std::vector<Context>& contexts);

}  // namespace secct::replay
