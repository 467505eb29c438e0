// SPDX-License-Identifier: GPL-2.0-or-later
// What the roles of the reference router share: description, SAs, the way out, what it tells.
#pragma once

#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "generator/handover/messages.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/namespace.hpp"
#include "replay/router/core/events.hpp"
#include "replay/router/core/limits.hpp"
#include "replay/router/core/sadb.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::replay {

// Protection that a message from the other router needs (wire-format 8).
enum class Needs : std::uint8_t { ah, ah_or_esp, esp };

// A SecCT message that passed the IPsec below it.
struct Incoming {
  const DecodedMessage& decoded;
  const Datagram& datagram;  // without AH and ESP
  const std::vector<LivePtr>& under;
  Time now;

  // Under an SA between the routers; ESP counts only with authentication.
  bool from_peer(Needs needs) const;
  std::optional<Address> address(Field field) const;
  std::uint16_t identifier() const;
};

struct Core {
  Core(const RouterDescription& description, BehaviourOverride what);

  bool faulty(Fault fault) const { return behaviour.has(fault); }
  bool varies(Variation variation) const { return behaviour.has(variation); }

  std::uint16_t first_identifier() const {
    return varies(Variation::high_identifiers) ? 0x8000 : 1;
  }

  // Under an SA between the routers, from the router at its other end.
  bool from_peer(const Incoming& in, Needs needs) const;
  // The other router, by its IPv6 or its IPv4 address.
  bool is_peer(const Address& address) const;
  bool is_mine(const Address& address) const;
  // This router's address of the same IP version as `peer`.
  const Address& towards(const Address& peer) const;

  // To the other router under AH, or under ESP when `confidential` and the policy asks for it.
  // Nothing is sent when there is no SA.
  void to_peer(const Address& peer, bool confidential, Node message);
  // To a mobile node: under `live`, or unprotected when it is nullptr.
  void to_mobile_node(const Address& source, const Address& naddr, LiveSa* live, Node message);
  // `layers` between two addresses, under these SAs, the first one outermost. Nothing is sent when
  // one of them has no sequence number left.
  void send(const Address& source, const Address& destination, std::span<LiveSa* const> under,
            std::vector<Layer> layers);

  // SecCT-Stat with `code`.
  Node stat(std::uint8_t code) const;

  // Counts, and tells the listener when there is one.
  void note(const Incoming& in, Outcome outcome, std::string_view why, std::string_view clause = {},
            std::uint8_t status = 0);
  // The same for a refusal by a row of behaviour.md section 4.
  void note_status(const Incoming& in, std::uint8_t status);

  RouterDescription description;
  const BehaviourOverride behaviour;
  bool dead = false;  // a fault stopped the router: it answers nothing any more
  Timers timers;
  Limits limits;
  Sadb sadb;
  Statistics statistics;
  EventListener listener;
  std::vector<Octets> out;
};

// The first SecCT-Stat of a message, nothing when it has none.
std::optional<std::uint8_t> first_status(const DecodedMessage& decoded);

// The clause that asks for an error status: RELOC-5.4-102.
std::string_view clause_of_status(std::uint8_t status);

}  // namespace secct::replay
