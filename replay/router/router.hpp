// SPDX-License-Identifier: GPL-2.0-or-later
// The reference router: a state machine. IP datagrams and time go in, IP datagrams and the time of
// the next event come out; no sockets, no clock of its own.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "generator/description/router_description.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/namespace.hpp"
#include "replay/router/core/events.hpp"
#include "replay/router/core/limits.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::replay {

class Router {
 public:
  Router(const RouterDescription& description, std::span<const Role> roles,
         BehaviourOverride behaviour = {}, const Limits& limits = {});
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  void receive(View octets, Time now);   // an IP datagram or a fragment of one
  void advance(Time now);                // whatever is due at `now`
  std::optional<Time> deadline() const;  // when advance() has something to do
  std::vector<Octets> take();            // what is to be sent, in order, whatever the MTU

  // Begins a network-initiated handover (role pr). False when there is no such mobile node.
  bool trigger(std::uint32_t mobile_node, Time now);
  // Forgets everything about mobile nodes; sequence numbers with the other router go on.
  void reset();

  // Told about every message that was judged. The texts of an event last for the call only.
  void set_listener(EventListener listener);
  const Statistics& statistics() const;
  std::size_t mobile_nodes() const;  // that have SAs taken over here

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace secct::replay
