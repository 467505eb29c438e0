// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/wire_link.hpp"

#include <fmt/format.h>

#include "network/datagram.hpp"
#include "replay/suite/suite.hpp"
#include "replay/wire/described_addresses.hpp"
#include "replay/wire/hooks.hpp"

namespace secct::replay {

WireOptions WireLink::options(const std::string& interface, const std::string& mn_interface) {
  WireOptions options;
  options.interface = interface;
  options.mn_interface = mn_interface;
  options.mtu = description_.mtu;
  options.ours = [this](const Address& address) {
    return is_tester_address(current_, address) || played_.contains(address);
  };
  options.to_mobile_side = [this](const Address& source, const Address&) {
    return is_mobile_address(current_, source);
  };
  return options;
}

WireLink::WireLink(const RouterDescription& description, const std::string& interface,
                   const std::string& mn_interface, const std::string& described_in)
    : description_(description),
      current_(description),
      wire_(options(interface, mn_interface)),
      copies_(Timers::scaled(description.timing_scale).hi_rexmit / 2) {
  const auto reach = [&](const Address& address, const Address& from, const std::string& where) {
    if (wire_.resolve(address, from)) return;
    throw SetupError(fmt::format(
        "{}: the router under test does not answer for {}: no neighbor advertisement or ARP reply "
        "within 4 s",
        where, to_text(address)));
  };
  if (!description.hooks.configure.empty() && !described_in.empty())
    configurator_.emplace(description, described_in);
  reset();
  reach(description.address, description.peer, interface);
  reach(description.mn_address, description.naddr_of(1),
        mn_interface.empty() ? interface : mn_interface);
  now_ = wire_.now();
}

void WireLink::send(Octets datagram) {
  // What is sent from must be answered for, be it a link-local address or a stranger's.
  if (const auto ends = ip_ends(datagram); ends && !is_router_address(description_, ends->source) &&
                                           !is_multicast(ends->source) &&
                                           !is_unspecified(ends->source)) {
    played_.insert(ends->source);
  }
  wire_.send(datagram);
}

std::optional<Octets> WireLink::receive(Time until) {
  for (;;) {
    auto received = wire_.receive(until);
    now_ = received ? std::max(now_, received->time) : wire_.now();
    if (!received) return std::nullopt;
    if (!copies_.is_duplicate(received->octets, now_)) return std::move(received->octets);
  }
}

void WireLink::hook(const std::string& name, const std::string& command,
                    const HookVariables& variables) {
  run_hook(name, command, variables);
  now_ = wire_.now();
}

bool WireLink::reset() {
  // hooks.reset may bring back the router that the description tells.
  if (configured_) {
    configurator_->again();
    drop_waiting();
    return true;
  }
  if (description_.hooks.reset.empty()) return false;
  hook("reset", description_.hooks.reset, {});
  return true;
}

void WireLink::configure(const RouterDescription& description) {
  if (!configurator_) return;
  configured_ = true;
  current_ = description;
  configurator_->configure(description);
  drop_waiting();
}

void WireLink::restore() {
  if (!configured_) return;
  configure(description_);
  configured_ = false;
}

// What the router sent before it was made another one.
void WireLink::drop_waiting() {
  const auto until = wire_.now();
  for (;;) {
    const auto received = wire_.receive(until);
    if (!received || received->time > until) break;
  }
  now_ = wire_.now();
}

bool WireLink::trigger(std::uint32_t mobile_node) {
  if (description_.hooks.trigger.empty()) return false;
  hook("trigger", description_.hooks.trigger, {{"MN", std::to_string(mobile_node)}});
  return true;
}

void WireLink::prepare(const Case& c) {
  if (description_.hooks.provision.empty()) return;
  hook("provision", description_.hooks.provision,
       {{"CASE", c.id}, {"ROLE", std::string(role_name(c.role))}});
}

}  // namespace secct::replay
