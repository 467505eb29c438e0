// SPDX-License-Identifier: GPL-2.0-or-later
// The reference router: a state machine. IP datagrams and time go in, IP datagrams and the time of
// the next event come out; no sockets, no clock of its own.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "generator/lab.hpp"
#include "replay/router/deviation.hpp"
#include "replay/router/timers.hpp"

namespace secct {

class Router {
 public:
  Router(const Lab& lab, std::span<const Role> roles, Deviation deviation = {});
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  void receive(View octets, Time now);   // an IP datagram
  void advance(Time now);                // whatever is due at `now`
  std::optional<Time> deadline() const;  // when advance() has something to do
  std::vector<Octets> take();            // what is to be sent, in order

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace secct
