// SPDX-License-Identifier: GPL-2.0-or-later
// The embedded reference router in real time, without delay and without a network, to measure the
// speed of the router alone.
#pragma once

#include <deque>
#include <span>

#include "replay/namespace.hpp"
#include "replay/tester/link.hpp"

namespace secct::replay {

class DirectLink : public Link {
 public:
  // `description` must outlive the link.
  DirectLink(const RouterDescription& description, std::span<const Role> roles)
      : router_(description, roles) {}

  Time now() const override;
  void send(Octets datagram) override;
  std::optional<Octets> receive(Time until) override;

 private:
  void collect();

  Router router_;
  std::deque<Octets> from_router_;
};

}  // namespace secct::replay
