// SPDX-License-Identifier: GPL-2.0-or-later
// The new router: HI and U-SHREP, SHIN (docs/behaviour.md 2.1 to 2.4 and 2.6).
#pragma once

#include <map>

#include "replay/namespace.hpp"
#include "replay/router/roles/transfers.hpp"

namespace secct::replay {

class NewRouter {
 public:
  NewRouter(Core& core, Transfers& transfers) : core_(core), transfers_(transfers) {}

  void on_hi(const Incoming& in);
  void on_shin(const Incoming& in);
  void advance(Time now);
  std::optional<Time> deadline() const;

 private:
  // A U-SHREP that waits for its SHIN.
  struct Kept {
    std::uint16_t identifier = 0;  // of the HI: a continuation has the same
    Address naddr{};
    std::uint8_t replay = 0;
    std::uint32_t token = 0;
    std::vector<ReceivedContext> offered;
  };

  struct Verdict {
    std::uint8_t code;
    std::optional<Address> assigned;  // stateful
  };
  Verdict judge(const Incoming& in) const;
  Address assign(const Address& old_care_of) const;
  bool is_in_use(const Address& address) const;
  // The SHREP-Ack for a U-SHREP; nothing for one that is not to be acknowledged.
  std::optional<Node> keep(const Incoming& in, const Verdict& verdict);
  void remember(const Octets& message, const Node& hack, Time now);
  void refuse(const Incoming& in, std::uint8_t code);
  void use(const Incoming& in, Transfer transfer, std::uint8_t replay);

  Core& core_;
  Transfers& transfers_;
  std::map<Address, Kept> kept_;  // by Paddr
  Alarms<Address> kept_until_;
  std::map<Octets, Node> answered_;  // HI to its HAck
  Alarms<Octets> answered_until_;
};

// AuthPrtr and all that follows it in its option, as it stands.
Node verbatim_features(const DecodedMessage& decoded);

}  // namespace secct::replay
