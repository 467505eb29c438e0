// SPDX-License-Identifier: GPL-2.0-or-later
// The new router: processes HI with U-SHREP, and SHIN (docs/behaviour.md 2.1 to 2.4 and 2.6).
#pragma once

#include <map>

#include "replay/namespace.hpp"
#include "replay/router/roles/transfers.hpp"

namespace secct::replay {

class NewRouter {
 public:
  NewRouter(RouterCore& core, Transfers& transfers) : core_(core), transfers_(transfers) {}

  void on_hi(const IncomingMessage& in);
  void on_shin(const IncomingMessage& in);
  void advance(Time now);
  std::optional<Time> deadline() const;

 private:
  // A U-SHREP that awaits its SHIN.
  struct KeptUShrep {
    std::uint16_t identifier = 0;  // of the HI; a continuation has the same
    Address naddr{};
    std::uint8_t replay = 0;
    std::uint32_t token = 0;
    std::vector<ReceivedContext> contexts;
  };

  struct HiDecision {
    std::uint8_t code;                // of the HAck
    std::optional<Address> assigned;  // Naddr, if the HI asks for an address
  };
  HiDecision decide(const IncomingMessage& in) const;
  Address assign(const Address& old_care_of) const;
  bool is_in_use(const Address& address) const;
  // Stores the U-SHREP of an HI. Returns its SHREP-Ack; std::nullopt if it is not acknowledged.
  std::optional<Node> keep_ushrep(const IncomingMessage& in, const HiDecision& decision);
  void store_answer(const Octets& message, const Node& hack, Time now);
  void refuse(const IncomingMessage& in, std::uint8_t code);
  void use_kept(const IncomingMessage& in, Transfer transfer, std::uint8_t replay);

  RouterCore& core_;
  Transfers& transfers_;
  std::map<Address, KeptUShrep> kept_;  // by Paddr
  Alarms<Address> kept_until_;
  std::map<Octets, Node> answered_;  // HI -> HAck
  Alarms<Octets> answered_until_;
};

// The octets of an option from AuthPrtr to the end, as received.
Node verbatim_features(const DecodedMessage& decoded);

}  // namespace secct::replay
