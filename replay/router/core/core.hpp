// SPDX-License-Identifier: GPL-2.0-or-later
// State and services that all roles of the reference router share: its description, timers and SAs,
// sending, counters and events.
#pragma once

#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "generator/handover/messages.hpp"
#include "network/datagram.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/namespace.hpp"
#include "replay/router/core/events.hpp"
#include "replay/router/core/limits.hpp"
#include "replay/router/core/sadb.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::replay {

// A SecCT message whose AH and ESP were accepted. Valid while it is processed only: it refers to
// the received packet.
struct IncomingMessage {
  const DecodedMessage& decoded;
  const Datagram& datagram;  // without AH and ESP
  const std::vector<LivePtr>& under;
  Time now;

  // True if an SA between the routers protects the message; ESP counts only with authentication.
  bool from_peer(RequiredProtection needs) const;
  // The first `field` as an address; std::nullopt if the message has none.
  std::optional<Address> address(Field field) const;
  // 0 if the message has no Identifier.
  std::uint16_t identifier() const;
};

struct RouterCore {
  RouterCore(const RouterDescription& router_description, BehaviourOverride what);

  bool faulty(Fault fault) const { return behaviour.has(fault); }
  bool varies(Variation variation) const { return behaviour.has(variation); }

  std::uint16_t first_identifier() const {
    return varies(Variation::high_identifiers) ? 0x8000 : 1;
  }

  // True if the message is protected as needed and its source is the other router.
  bool from_peer(const IncomingMessage& in, RequiredProtection needs) const;
  // The IPv6 or the IPv4 address of the other router.
  bool is_peer(const Address& address) const;
  bool is_mine(const Address& address) const;
  // This router's address of the same IP version as `peer`.
  const Address& own_address_for(const Address& peer) const;

  // Sends an ICMPv6 message to the other router, under ESP if it is `confidential` and the policy
  // requires confidentiality, otherwise under AH. Sends nothing without an SA.
  void send_to_peer(const Address& peer, bool confidential, Node message);
  // Sends a destination option to a mobile node under `live`, or unprotected if it is nullptr.
  void send_to_mobile_node(const Address& source, const Address& naddr, LiveSa* live, Node message);
  // Sends `layers` under the SAs `under`, outermost first. Sends nothing if one of the SAs has used
  // its last sequence number.
  void send(const Address& source, const Address& destination, std::span<LiveSa* const> under,
            std::vector<Layer> layers);

  // A SecCT-Stat with `code`.
  Node stat(std::uint8_t code) const;

  // Counts the message and passes an event to the listener.
  void record(const IncomingMessage& in, Outcome outcome, std::string_view why,
              std::string_view clause = {}, std::uint8_t status = 0);
  // Records a message that was answered with an error status of behaviour.md section 4.
  void record_refusal(const IncomingMessage& in, std::uint8_t status);

  RouterDescription description;
  const BehaviourOverride behaviour;
  bool crashed = false;  // by a fault: the router no longer answers
  Timers timers;
  Limits limits;
  Sadb sadb;
  Statistics statistics;
  EventListener listener;
  std::vector<Octets> out;  // datagrams to send, oldest first
};

// The code of the first SecCT-Stat; std::nullopt if the message has none.
std::optional<std::uint8_t> first_status(const DecodedMessage& decoded);

// The clause that requires an error status, RELOC-5.4-102; empty for other statuses.
std::string_view clause_of_status(std::uint8_t status);

}  // namespace secct::replay
