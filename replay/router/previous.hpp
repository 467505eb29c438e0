// SPDX-License-Identifier: GPL-2.0-or-later
// The previous router: answers SHREQ with the contexts of a mobile node (docs/behaviour.md 3).
#pragma once

#include <map>
#include <set>

#include "replay/router/core.hpp"

namespace secct {

class PreviousRouter {
 public:
  explicit PreviousRouter(Core& core) : core_(core) {}

  void on_shreq(const Incoming& in);
  void advance(Time now);
  std::optional<Time> deadline() const;

 private:
  struct Answer {
    std::uint8_t status;
    std::vector<Context> contexts;
    Time forget;
  };
  struct MobileState {
    std::set<std::uint8_t> used_replays;
    std::optional<Time> purge;  // when the contexts are gone
  };
  using Key = std::tuple<Address, std::uint16_t, Octets>;  // source, Identifier, octets

  Answer judge(const Incoming& in);
  std::uint8_t find_contexts(const Tape& tape, const MobileNode& mn,
                             std::vector<Context>& contexts) const;
  void answer(const Incoming& in, const Answer& result);

  Core& core_;
  std::map<Key, Answer> answers_;
  std::map<std::uint32_t, MobileState> mobile_nodes_;
};

}  // namespace secct
