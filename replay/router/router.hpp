// SPDX-License-Identifier: GPL-2.0-or-later
// The reference router as a state machine without sockets and clock: its inputs are IP datagrams
// and the time, its outputs are IP datagrams and the time of the next event.
//
//   Router router(description, roles);
//   router.receive(datagram, now);                  // on arrival of a datagram
//   router.advance(now);                            // at deadline()
//   for (auto& datagram : router.take()) send(datagram);
//
// Times never decrease. Malformed input is discarded or answered and never throws.
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
  // Copies `description` and `roles`.
  Router(const RouterDescription& description, std::span<const Role> roles,
         BehaviourOverride behaviour = {}, const Limits& limits = {});
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Processes an IP datagram or a fragment, after everything that is due at `now`.
  void receive(View octets, Time now);
  // Performs everything that is due at `now`: retransmissions, timeouts, expiry of SAs.
  void advance(Time now);
  // The time of the next call of advance(); std::nullopt if no timer runs.
  std::optional<Time> deadline() const;
  // Returns and removes the IP datagrams to send, in order. They can exceed the MTU.
  std::vector<Octets> take();

  // Starts a network-initiated handover (role pr); false if there is no such mobile node.
  bool trigger(std::uint32_t mobile_node, Time now);
  // Removes all state of mobile nodes. Sequence numbers between the routers continue.
  void reset();

  // `listener` is called for every processed message. The texts of the event are valid during the
  // call only.
  void set_listener(EventListener listener);
  const Statistics& statistics() const;
  std::size_t mobile_nodes() const;  // with SAs installed by the new router or foreign agent

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace secct::replay
