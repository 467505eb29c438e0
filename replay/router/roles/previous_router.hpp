// SPDX-License-Identifier: GPL-2.0-or-later
// The previous router: answers SHREQ with the contexts of a mobile node (docs/behaviour.md 3.1 to
// 3.3). What it begins by itself is in initiator.hpp.
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
  explicit PreviousRouter(Core& core) : core_(core), known_(core), initiator_(core, known_) {}

  // A packet from `source` is at hand: if that is a mobile node, its SAs are there.
  void expect(const Address& source) { known_.load_by_address(source); }

  void on_shreq(const Incoming& in);
  void on_pshin(const Incoming& in) { initiator_.on_pshin(in); }
  void on_hack(const Incoming& in) { initiator_.on_hack(in); }
  // docs/cli.md, hooks.trigger: false when there is no such mobile node.
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
    std::optional<Time> purge;  // when the contexts are gone
  };

  Answer judge(const Incoming& in);
  Answer judge_request(const Incoming& in, std::uint32_t number);
  void answer(const Incoming& in, const Answer& result);
  void remember(const Octets& message, Answer result, Time now);

  Core& core_;
  MobileNodeStore known_;
  Initiator initiator_;
  std::map<Octets, Answer> answers_;  // by the octets of the SHREQ, Identifier included
  Alarms<Octets> answered_until_;
  std::map<std::uint32_t, MobileState> states_;
};

}  // namespace secct::replay
