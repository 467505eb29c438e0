// SPDX-License-Identifier: GPL-2.0-or-later
// What the roles of the reference router share: description, SAs, the way out.
#pragma once

#include <vector>

#include "generator/lab.hpp"
#include "generator/messages.hpp"
#include "protocol/tape.hpp"
#include "replay/router/deviation.hpp"
#include "replay/router/sadb.hpp"
#include "replay/router/timers.hpp"

namespace secct {

// A SecCT message that passed row 1 of behaviour.md section 4 and the IPsec below it.
struct Incoming {
  const Tape& tape;
  const Datagram& datagram;  // without AH and ESP
  const std::vector<const LiveSa*>& under;
  Time now;

  // Under an SA between the routers; ESP counts only with authentication.
  bool from_peer(bool esp_only = false) const;
};

struct Core {
  Core(const Lab& description, Deviation what)
      : lab(description),
        deviation(what),
        timers(Timers::scaled(lab.timing_scale)),
        sadb(lab, deviation) {}

  bool faulty(Fault fault) const { return deviation.has(fault); }
  bool varies(Variation variation) const { return deviation.has(variation); }

  // To the other router under AH, or under ESP when `confidential` and the policy asks for it.
  // Nothing is sent when there is no SA.
  void to_peer(bool confidential, Node message);
  // To a mobile node: under `live`, or unprotected when it is nullptr.
  void to_mobile_node(const Address& source, const Address& naddr, LiveSa* live, Node message);
  void send(PacketDocument packet, const Sa* sa);

  // SecCT-Stat with `code`.
  Node stat(std::uint8_t code) const;

  Lab lab;
  const Deviation deviation;
  bool dead = false;  // a fault stopped the router: it answers nothing any more
  Timers timers;
  Limits limits;
  Sadb sadb;
  std::vector<Octets> out;
};

// The first SecCT-Stat of a message, nothing when it has none.
std::optional<std::uint8_t> first_status(const Tape& tape);

}  // namespace secct
