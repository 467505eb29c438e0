// SPDX-License-Identifier: GPL-2.0-or-later
// Applies the faults and variations that need no state of the router: skipped checks, changed
// timers, changed fields of messages, packets and contexts. The others are applied in the router
// itself.
#pragma once

#include "generator/document/document.hpp"
#include "ipsec/context.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/namespace.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::replay {

struct ReceivedContext;

void override_timers(const BehaviourOverride& behaviour, Timers& timers);

// --- received messages
// Removes from the decoded message the broken rules that the faulty router does not check.
void skip_check(const BehaviourOverride& behaviour, DecodedMessage& decoded);
// True if the router discards this message, because of a fault or because it may.
bool discards_wrongly(const BehaviourOverride& behaviour, const DecodedMessage& decoded);
// True if this message stops the faulty router.
bool crashes_on(const BehaviourOverride& behaviour, const DecodedMessage& decoded);
// Changes the evaluated contexts of a SHREP or U-SHREP.
void override_received(const BehaviourOverride& behaviour, const DecodedMessage& decoded,
                       std::vector<ReceivedContext>& contexts);
// Compares two addresses as the router does: with the fault `prefix` only their first 64 bits, with
// `suffix` only their last 64 bits. Fault::none: there is no such fault.
bool are_equal(const BehaviourOverride& behaviour, Fault prefix, Fault suffix, const Address& a,
               const Address& b);
// The bits of a value that the router compares: with the fault `high` only the upper 16, with `low`
// only the lower 16 bits.
std::uint32_t compared_bits(const BehaviourOverride& behaviour, Fault high, Fault low);
// The octets of an ICMPv6 message without its first context option, for a router that uses the last
// one; std::nullopt for other routers and for messages with one context option.
std::optional<Octets> without_first_option(const BehaviourOverride& behaviour,
                                           const DecodedMessage& decoded);
// Changes a context before its SA is installed.
void override_taken_over(const BehaviourOverride& behaviour, Context& context);

// --- sent messages
// Changes a context before it is sent.
void override_handed_over(const BehaviourOverride& behaviour, Context& context);
void override_message(const BehaviourOverride& behaviour, const CodePoints& codepoints,
                      Node& message);
void override_packet(const BehaviourOverride& behaviour, PacketDocument& packet);
// True if the faulty router sends this message without AH and ESP.
bool sent_in_clear(const BehaviourOverride& behaviour, const Node& message);
// True if the faulty router sends this message under AH although it contains keys and the policy
// requires confidentiality.
bool sent_under_ah(const BehaviourOverride& behaviour, const Node& message);

// One list per context, for a SHREP each; at least one list.
std::vector<std::vector<Context>> one_each(const std::vector<Context>& contexts);

}  // namespace secct::replay
