// SPDX-License-Identifier: GPL-2.0-or-later
// The front door of the reference router: IPsec, row 1 of the status table, dispatch to the roles,
// the echo that mobile nodes and testers ask for.
#include "replay/router/router.hpp"

#include <algorithm>
#include <utility>

#include "protocol/decode.hpp"
#include "replay/router/new.hpp"
#include "replay/router/previous.hpp"

namespace secct {
namespace {

constexpr std::uint8_t echo_request = 128;
constexpr std::uint8_t echo_reply = 129;
constexpr std::size_t echo_head = 8;

// Faults that leave out a check which is a rule of its own.
struct Overlooked {
  Fault fault;
  Rule rule;
};
constexpr Overlooked overlooked[] = {
    {Fault::naddr_not_checked, Rule::naddr_invalid},
    {Fault::r1_trailing, Rule::req_r1_trailing},
    {Fault::ports_in_r3, Rule::req_ports_not_zero},
    {Fault::key_length_unchecked, Rule::key_length},
};

}  // namespace

struct Router::State {
  State(const Lab& lab, Deviation deviation) : core(lab, deviation) {}

  Core core;
  std::optional<NewRouter> new_router;
  std::optional<PreviousRouter> previous_router;
  Tape tape;

  void dispatch(const Incoming& in) {
    if (core.faulty(Fault::dead_after_long_option) && in.tape.broken(Rule::opt_length_past_end)) {
      core.dead = true;
    }
    if (in.tape.worst_row() == 1) return;
    switch (in.tape.message) {
      case Message::hi:
        if (new_router) new_router->on_hi(in);
        break;
      case Message::shin:
        if (new_router) new_router->on_shin(in);
        break;
      case Message::shrep:
        if (new_router) new_router->on_shrep(in);
        break;
      case Message::shreq:
        if (previous_router) previous_router->on_shreq(in);
        break;
      default: break;
    }
  }

  bool decoded(Carrier carrier, View octets, const Datagram& datagram, const Received& received) {
    Envelope envelope;
    envelope.source = datagram.source;
    envelope.destination = datagram.destination;
    envelope.hop_limit = datagram.hop_limit;
    envelope.protection = received.under.empty() ? Protection::none
                          : received.under.front()->sa.protocol == IpsecProtocol::ah
                              ? Protection::ah
                              : Protection::esp;
    if (!decode(core.lab.codepoints, carrier, octets, envelope, tape)) return false;
    for (const auto& check : overlooked) {
      if (!core.faulty(check.fault)) continue;
      std::erase_if(tape.problems, [&](const auto& problem) { return problem.rule == check.rule; });
    }
    return true;
  }

  void secct_option(const Datagram& datagram, const Received& received, Time now) {
    const auto* header = datagram.find(ip_proto::dstopts);
    if (header == nullptr) return;
    const auto octets = datagram.octets_of(*header);
    for (const auto& option : parse_header_options(octets)) {
      const auto whole = octets.subspan(option.offset, option.length);
      if (decoded(Carrier::dstopt, whole, datagram, received)) {
        dispatch({tape, datagram, received.under, now});
      }
    }
  }

  // Under the SA of the other direction that is most like the one the request came under.
  LiveSa* way_back(const Received& received, const Address& to) {
    if (received.under.empty()) return nullptr;
    const auto* came = received.under.front();
    if (came->mobile_node == 0) return nullptr;
    LiveSa* any = nullptr;
    for (auto& live : *core.sadb.of_mobile_node(came->mobile_node)) {
      if (live.sa.destination != to) continue;
      if (live.sa.protocol == came->sa.protocol && live.sa.tunnel == came->sa.tunnel &&
          live.sa.auth == came->sa.auth && live.sa.cipher == came->sa.cipher) {
        return &live;
      }
      if (any == nullptr) any = &live;
    }
    return any;
  }

  void echo(const Datagram& datagram, View message, const Received& received) {
    if (message.size() < echo_head || message[0] != echo_request ||
        icmpv6_checksum(datagram.source, datagram.destination, message) !=
            big_endian(message.subspan(2, 2))) {
      return;
    }
    Layer icmpv6{.kind = LayerKind::icmpv6, .fields = {}, .elements = {}};
    icmpv6.set(HeaderField::icmpv6_type, std::uint64_t{echo_reply});
    Layer data{.kind = LayerKind::data, .fields = {}, .elements = {}};
    data.set(HeaderField::data_octets, Octets(message.begin() + 4, message.end()));
    auto* live = way_back(received, datagram.source);
    std::vector<Layer> layers;
    if (live != nullptr) {
      layers = envelope_layers(live->sa, ++live->sequence, datagram.destination, datagram.source);
    }
    layers.push_back(std::move(icmpv6));
    layers.push_back(std::move(data));
    core.send(ip_packet(datagram.destination, datagram.source, std::move(layers)),
              live != nullptr ? &live->sa : nullptr);
  }

  bool is_mine(const Address& address) const {
    return address == core.lab.address || address == core.lab.mn_address;
  }
};

Router::Router(const Lab& lab, std::span<const Role> roles, Deviation deviation)
    : state_(std::make_unique<State>(lab, deviation)) {
  if (std::ranges::find(roles, Role::nr) != roles.end()) {
    state_->new_router.emplace(state_->core);
  }
  if (std::ranges::find(roles, Role::pr) != roles.end()) {
    state_->previous_router.emplace(state_->core);
  }
}

Router::~Router() = default;

void Router::receive(View octets, Time now) {
  advance(now);
  if (state_->core.dead) return;
  const auto outer = parse_datagram(octets);
  if (!outer || !state_->is_mine(outer->destination)) return;
  const auto received = state_->core.sadb.open(octets);
  if (!received.acceptable) return;
  const auto datagram = parse_datagram(received.datagram);
  if (!datagram || !state_->is_mine(datagram->destination)) return;
  state_->secct_option(*datagram, received, now);
  const auto* header = datagram->find(ip_proto::icmpv6);
  if (header == nullptr) return;
  const auto message = datagram->octets_of(*header);
  if (state_->decoded(Carrier::icmpv6, message, *datagram, received)) {
    state_->dispatch({state_->tape, *datagram, received.under, now});
  } else {
    state_->echo(*datagram, message, received);
  }
}

void Router::advance(Time now) {
  if (state_->core.dead) return;
  if (state_->new_router) state_->new_router->advance(now);
  if (state_->previous_router) state_->previous_router->advance(now);
}

std::optional<Time> Router::deadline() const {
  if (state_->core.dead) return std::nullopt;
  std::optional<Time> first;
  const auto consider = [&](std::optional<Time> time) {
    if (time && (!first || *time < *first)) first = time;
  };
  if (state_->new_router) consider(state_->new_router->deadline());
  if (state_->previous_router) consider(state_->previous_router->deadline());
  return first;
}

std::vector<Octets> Router::take() { return std::exchange(state_->core.out, {}); }

}  // namespace secct
