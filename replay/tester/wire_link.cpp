// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/wire_link.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "network/datagram.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/inspect/inspected_frame.hpp"
#include "replay/suite/suite.hpp"
#include "replay/wire/described_addresses.hpp"
#include "replay/wire/hooks.hpp"

namespace secct::replay {
namespace {

// Networks deliver a duplicate within this time, whatever timing_scale is.
constexpr Time shortest_repetition = milliseconds(50);

constexpr std::size_t most_foreign = 50;  // addresses that have a note

std::string protocol_text(const Datagram& datagram) {
  if (datagram.chain.empty()) return "IP datagram";
  const auto& header = datagram.chain.back();
  if (header.type == ip_proto::icmpv6 && header.length > 0) {
    return fmt::format("ICMPv6 type {}", datagram.octets_of(header)[0]);
  }
  return fmt::format("IP protocol {}", header.type);
}

}  // namespace

WireOptions WireLink::wire_options(const WireLinkOptions& link) {
  WireOptions options;
  options.interface = link.interface;
  options.mn_interface = link.mn_interface;
  options.any_network = link.any_network;
  options.mtu = description_.mtu;
  options.ours = [this](const Address& address) {
    return is_tester_address(current_, address) || sent_from_.contains(address);
  };
  options.to_mobile_side = [this](const Address& source, const Address&) {
    return is_mobile_address(current_, source);
  };
  return options;
}

WireLink::WireLink(const RouterDescription& description, const WireLinkOptions& options)
    : description_(description),
      current_(description),
      wire_(wire_options(options)),
      duplicates_(
          std::max(Timers::scaled(description.timing_scale).hi_rexmit / 2, shortest_repetition)) {
  const auto reach = [&](const Address& address, const Address& from, const std::string& where) {
    if (wire_.resolve(address, from)) return;
    throw SetupError(fmt::format(
        "{}: the router under test does not answer for {}: no neighbor advertisement or ARP reply "
        "within 4 s; check the interface and the addresses in the router description",
        where, to_text(address)));
  };
  if (!description.hooks.configure.empty() && !options.file.empty()) {
    configurator_.emplace(description, options.file);
  }
  reset();
  reach(description.address, description.peer, options.interface);
  reach(description.mn_address, description.naddr_of(1),
        options.mn_interface.empty() ? options.interface : options.mn_interface);
  now_ = wire_.now();
}

void WireLink::send(Octets datagram) {
  // Neighbor discovery must be answered for every source address, which may be link-local or that
  // of no mobile node.
  if (const auto addresses = ip_addresses(datagram);
      addresses && !is_router_address(description_, addresses->source) &&
      !is_multicast(addresses->source) && !is_unspecified(addresses->source)) {
    sent_from_.insert(addresses->source);
  }
  wire_.send(datagram);
}

std::optional<Octets> WireLink::receive(Time until) {
  for (;;) {
    auto received = wire_.receive(until);
    now_ = received ? std::max(now_, received->time) : wire_.now();
    if (!received) return std::nullopt;
    if (!is_foreign(*received) && !duplicates_.is_duplicate(received->octets, now_)) {
      return std::move(received->octets);
    }
    if (wire_.now() >= until) return std::nullopt;  // however many such packets arrive
  }
}

// The router sends from its addresses. A packet from another one is judged only if the router
// itself has sent it: from its Ethernet address, with SecCT, AH or ESP. Its kernel, for example,
// answers from link-local addresses, which is not the behaviour that is tested.
bool WireLink::is_foreign(const Wire::Received& received) {
  const auto datagram = parse_datagram(received.octets);
  if (!datagram || is_router_address(current_, datagram->source)) return false;
  const bool from_router = std::ranges::any_of(
      std::array{current_.address, current_.mn_address, current_.ipv4_address},
      [&](const auto& address) { return wire_.link_address(address) == received.from; });
  InspectedFrame frame(no_keys);
  frame.inspect(received.octets);
  const bool is_message = !frame.ipsec_layers().empty() || !frame.registration().empty() ||
                          std::ranges::any_of(frame.messages(), [&](const auto& message) {
                            return is_secct(current_.codepoints, message);
                          });
  if (from_router && is_message) return false;
  const bool is_listed = foreign_.size() < most_foreign || foreign_.contains(datagram->source);
  auto& packets = is_listed ? foreign_[datagram->source] : other_foreign_;
  if (++packets.count == 1) packets.first = protocol_text(*datagram);
  return true;
}

std::vector<std::string> WireLink::notes() const {
  std::vector<std::string> notes;
  for (const auto& [address, packets] : foreign_) {
    notes.push_back(
        fmt::format("not judged: {} packet{} from {} ({}), which is not an address of the "
                    "router in its description",
                    packets.count, packets.count == 1 ? "" : "s", to_text(address), packets.first));
  }
  if (other_foreign_.count > 0) {
    notes.push_back(fmt::format("not judged: {} packets from other such addresses (the first: {})",
                                other_foreign_.count, other_foreign_.first));
  }
  const auto counters = wire_.counters();
  if (counters.dropped_by_kernel > 0) {
    notes.push_back(
        fmt::format("the kernel dropped {} received frames, because more arrived than the tester "
                    "processed: verdicts about missing packets are not reliable",
                    counters.dropped_by_kernel));
  }
  if (counters.dropped_unsafe > 0) {
    notes.push_back(
        fmt::format("{} packets were not sent, because they may leave the test network; "
                    "use --i-own-this-network to send them",
                    counters.dropped_unsafe));
  }
  if (counters.dropped_fragments > 0) {
    notes.push_back(
        fmt::format("dropped {} received fragments of datagrams that were not completed",
                    counters.dropped_fragments));
  }
  return notes;
}

void WireLink::hook(const std::string& name, const std::string& command,
                    const HookVariables& variables) {
  run_hook(name, command, variables);
  now_ = wire_.now();
}

bool WireLink::reset() {
  // hooks.reset may reset the router to the original description.
  if (configured_) {
    configurator_->repeat();
    drop_received();
    fresh_ = true;
    return true;
  }
  if (description_.hooks.reset.empty()) return false;
  hook("reset", description_.hooks.reset, {});
  fresh_ = true;
  return true;
}

void WireLink::configure(const RouterDescription& description) {
  if (!configurator_) return;
  configured_ = true;
  current_ = description;
  configurator_->configure(description);
  drop_received();
  fresh_ = true;
}

void WireLink::restore() {
  if (!configured_) return;
  configure(description_);
  configured_ = false;
}

void WireLink::drop_received() {
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
