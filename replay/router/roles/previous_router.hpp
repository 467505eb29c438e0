// SPDX-License-Identifier: GPL-2.0-or-later
// The previous router: answers a SHREQ with the contexts of a mobile node (docs/behaviour.md 3.1 to
// 3.3). Handovers that it initiates are in initiator.hpp.
#pragma once

#include <bitset>
#include <map>

#include "replay/namespace.hpp"
#include "replay/router/core/alarms.hpp"
#include "replay/router/core/core.hpp"
#include "replay/router/roles/initiator.hpp"
#include "replay/router/roles/mobile_node_store.hpp"

namespace secct::replay {

class PreviousRouter {
 public:
  explicit PreviousRouter(RouterCore& core)
      : core_(core), mobile_nodes_(core), initiator_(core, mobile_nodes_) {}

  // Makes the SAs of the mobile node with address `source` available, before its packet is opened.
  void load_mobile_node(const Address& source) { mobile_nodes_.load_by_address(source); }

  void on_shreq(const IncomingMessage& in);
  void on_shrep_ack(const IncomingMessage& in);
  void on_pshin(const IncomingMessage& in) { initiator_.on_pshin(in); }
  void on_hack(const IncomingMessage& in) { initiator_.on_hack(in); }
  // Initiates a handover (docs/cli.md, hooks.trigger); false if there is no such mobile node.
  bool trigger(std::uint32_t mobile_node, Time now) { return initiator_.trigger(mobile_node, now); }
  void advance(Time now);
  std::optional<Time> deadline() const;

 private:
  struct Answer {
    std::uint8_t status = 0;
    std::vector<Context> contexts;
  };
  struct MobileState {
    std::bitset<256> used_replays;
    std::uint8_t highest_replay = 0;
    std::optional<Time> purge;  // the contexts are deleted then
  };

  // Evaluates a new SHREQ in the order of behaviour.md section 4.
  Answer process(const IncomingMessage& in);
  // Evaluates its SecCT-req, after the token was verified.
  Answer select_contexts(const IncomingMessage& in, std::uint32_t number);
  void answer(const IncomingMessage& in, const Answer& result);
  void store_answer(const Octets& message, Answer result, Time now);

  RouterCore& core_;
  MobileNodeStore mobile_nodes_;
  Initiator initiator_;
  std::map<Octets, Answer> answers_;  // by the octets of the SHREQ, including the Identifier
  Alarms<Octets> answered_until_;
  std::map<std::uint32_t, MobileState> states_;
};

}  // namespace secct::replay
