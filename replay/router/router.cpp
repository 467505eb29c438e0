// SPDX-License-Identifier: GPL-2.0-or-later
// Input of the reference router: reassembly, IPsec, row 1 of the status table (behaviour.md 4), and
// dispatch to the roles and to the traffic of mobile nodes.
#include "replay/router/router.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "network/fragment.hpp"
#include "protocol/decode/decode.hpp"
#include "replay/router/core/header_checks.hpp"
#include "replay/router/overrides/apply_override.hpp"
#include "replay/router/roles/foreign_agent.hpp"
#include "replay/router/roles/new_router.hpp"
#include "replay/router/roles/previous_router.hpp"
#include "replay/router/traffic.hpp"

namespace secct::replay {
namespace {

// Delays of variations; those in seconds are multiplied by timing_scale.
constexpr double late_answer = 0.4;
constexpr double process_delay = 0.1;  // from one process to the next one
constexpr unsigned processes = 3;
constexpr Time reordering_delay = milliseconds(30);

// The clause that a message of row 1 violates.
std::string_view clause_of(const DecodedMessage& decoded) {
  if (decoded.broken(Rule::hop_limit)) return "ROBUST-1";
  return decoded.broken(Rule::checksum_bad) ? "ROBUST-2" : "ROBUST-3";
}

}  // namespace

struct Router::State {
  State(const RouterDescription& description, std::span<const Role> roles,
        BehaviourOverride behaviour, const Limits& limits)
      : core(description, behaviour) {
    core.limits = limits;
    for (const auto role : roles) has[static_cast<std::size_t>(role)] = true;
    start_roles();
  }

  // Creates the roles in their initial state.
  void start_roles() {
    transfers.emplace(core);
    if (has[static_cast<std::size_t>(Role::nr)]) new_router.emplace(core, *transfers);
    if (has[static_cast<std::size_t>(Role::pr)]) previous_router.emplace(core);
    if (has[static_cast<std::size_t>(Role::fa)]) agent.emplace(core, *transfers);
  }

  RouterCore core;
  std::array<bool, 3> has{};
  Reassembler reassembler;
  std::optional<Transfers> transfers;
  std::optional<NewRouter> new_router;
  std::optional<PreviousRouter> previous_router;
  std::optional<ForeignAgent> agent;
  DecodedMessage decoded;
  Octets remaining;  // decoded instead of the message, for without_first_option()

  std::multimap<Time, Octets> delayed;  // by the time at which they are due
  std::vector<Octets> ready;
  unsigned input_count = 0;  // datagrams
  unsigned output_count = 0;

  void dispatch(const IncomingMessage& in) {
    if (crashes_on(core.behaviour, in.decoded)) core.crashed = true;
    if (in.decoded.worst_status_row() == 1) {
      return core.record(in, Outcome::discarded, "malformed", clause_of(in.decoded));
    }
    if (in.decoded.broken(Rule::option_missing)) {
      return core.record(in, Outcome::discarded, "required option missing", "RELOC-5-1");
    }
    if (discards_wrongly(core.behaviour, in.decoded)) return;
    switch (in.decoded.message) {
      case Message::hi:
        if (new_router) new_router->on_hi(in);
        break;
      case Message::shin:
        if (new_router) new_router->on_shin(in);
        break;
      case Message::shrep: transfers->on_shrep(in); break;
      case Message::shreq:
        if (previous_router) previous_router->on_shreq(in);
        break;
      case Message::hack:
        if (previous_router) previous_router->on_hack(in);
        break;
      case Message::pshin:
        if (previous_router) previous_router->on_pshin(in);
        break;
      case Message::shrep_ack:
        if (previous_router) previous_router->on_shrep_ack(in);
        break;
      default: break;  // a SHAK is for mobile nodes
    }
  }

  bool decodes(Carrier carrier, View octets, const Datagram& datagram,
               const OpenedPacket& received) {
    Envelope envelope;
    envelope.source = datagram.source;
    envelope.destination = datagram.destination;
    envelope.hop_limit = datagram.hop_limit;
    envelope.protection = received.under.empty() ? Protection::none
                          : received.under.front()->sa.protocol == IpsecProtocol::ah
                              ? Protection::ah
                              : Protection::esp;
    if (!decode(core.description.codepoints, carrier, octets, envelope, decoded)) return false;
    if (auto last = without_first_option(core.behaviour, decoded)) {
      remaining = std::move(*last);
      // The checksum covers the whole message; it is not checked again.
      envelope.source.reset();
      decode(core.description.codepoints, carrier, remaining, envelope, decoded);
    }
    skip_check(core.behaviour, decoded);
    return true;
  }

  void upper_layer(const Datagram& datagram, const OpenedPacket& received, Time now) {
    EchoServer traffic(core);
    constexpr std::size_t most_options = 8;
    if (core.varies(Variation::few_options) &&
        unknown_options(core.description.codepoints, datagram) > most_options) {
      return;
    }
    const auto unknown = forbidding_option(core.description.codepoints, datagram);
    if (unknown && !core.faulty(Fault::forbidding_option_skipped)) {
      core.statistics.add(Count::unknown_options);
      if (unknown->report) traffic.on_unknown_option(datagram, unknown->offset, received);
      return;
    }
    for (const auto& header : datagram.chain) {
      const auto octets = datagram.octets_of(header);
      switch (header.type) {
        case ip_proto::dstopts:
          for (const auto& option : parse_header_options(octets)) {
            const auto whole = octets.subspan(option.offset, option.length);
            if (decodes(Carrier::dstopt, whole, datagram, received)) {
              dispatch({decoded, datagram, received.under, now});
            }
          }
          break;
        case ip_proto::icmpv6:
          if (decodes(Carrier::icmpv6, octets, datagram, received)) {
            dispatch({decoded, datagram, received.under, now});
          } else if (!datagram.v4) {
            traffic.on_icmp(datagram, octets, received);
          }
          break;
        case ip_proto::icmp:
          if (datagram.v4) traffic.on_icmp(datagram, octets, received);
          break;
        case ip_proto::udp:
          if (!has_valid_udp_header(datagram, octets)) {
            core.statistics.add(Count::bad_header);
            break;
          }
          if (agent && datagram.v4 && ForeignAgent::is_registration(octets)) {
            agent->on_udp(datagram, octets, now);
          } else {
            traffic.on_udp(datagram, octets, received);
          }
          break;
        default: break;
      }
    }
  }

  void receive_datagram(View octets, Time now) {
    const auto outer = parse_datagram(octets);
    if (!outer || !core.is_mine(outer->destination)) return;
    core.statistics.add(Count::received);
    if (previous_router && outer->protection() != Protection::none) {
      previous_router->load_mobile_node(outer->source);
    }
    const auto received = core.sadb.open(octets, now);
    if (!received.acceptable) return reject_ipsec(*outer, now);
    const auto datagram = parse_datagram(received.datagram);
    if (datagram && core.is_mine(datagram->destination)) upper_layer(*datagram, received, now);
  }

  void reject_ipsec(const Datagram& datagram, Time now) {
    core.statistics.add(Count::ipsec_refused);
    if (!core.listener) return;
    core.listener({now,
                   Outcome::discarded,
                   Message::none,
                   datagram.source,
                   {},
                   0,
                   "ROBUST-8",
                   "AH or ESP: unknown SA, replayed, or not valid under its SA"});
  }

  // Of the next datagram, under a variation.
  Time output_delay() {
    const auto scaled = [&](double seconds) {
      return static_cast<Time>(seconds * 1e9 * core.description.timing_scale);
    };
    if (core.varies(Variation::late_answers)) return scaled(late_answer);
    if (core.varies(Variation::several_processes)) {
      return scaled(process_delay * (input_count % processes));
    }
    if (core.varies(Variation::reordered_packets) && ++output_count % 2 == 1)
      return reordering_delay;
    return 0;
  }

  // Moves the datagrams of the roles to the output.
  void flush(Time now) {
    for (auto& datagram : std::exchange(core.out, {})) {
      delayed.emplace(now + output_delay(), std::move(datagram));
    }
    while (!delayed.empty() && delayed.begin()->first <= now) {
      ready.push_back(std::move(delayed.begin()->second));
      delayed.erase(delayed.begin());
    }
  }
};

Router::Router(const RouterDescription& description, std::span<const Role> roles,
               BehaviourOverride behaviour, const Limits& limits)
    : state_(std::make_unique<State>(description, roles, behaviour, limits)) {}

Router::~Router() = default;

void Router::receive(View octets, Time now) {
  advance(now);
  auto& state = *state_;
  if (state.core.crashed) return;
  if (!has_valid_ip_header(octets) && !state.core.faulty(Fault::ipv4_checksum_unchecked)) {
    state.core.statistics.add(Count::bad_header);
    return;
  }
  const auto datagram = state.reassembler.add(octets, now);
  if (!datagram) return;
  ++state.input_count;
  const bool in_fragments = datagram->size() != octets.size();
  if (in_fragments && state.core.faulty(Fault::fragments_dropped)) return;
  state.receive_datagram(*datagram, now);
  if (state.core.crashed) state.core.out.clear();
  state.flush(now);
}

void Router::advance(Time now) {
  auto& state = *state_;
  if (state.core.crashed) return;
  state.transfers->advance(now);
  if (state.new_router) state.new_router->advance(now);
  if (state.previous_router) state.previous_router->advance(now);
  state.flush(now);
}

std::optional<Time> Router::deadline() const {
  const auto& state = *state_;
  if (state.core.crashed) return std::nullopt;
  auto first = state.transfers->deadline();
  if (state.new_router) first = earlier(first, state.new_router->deadline());
  if (state.previous_router) first = earlier(first, state.previous_router->deadline());
  if (!state.delayed.empty()) first = earlier(first, state.delayed.begin()->first);
  return first;
}

std::vector<Octets> Router::take() { return std::exchange(state_->ready, {}); }

bool Router::trigger(std::uint32_t mobile_node, Time now) {
  if (state_->core.crashed || !state_->previous_router) return false;
  const bool started = state_->previous_router->trigger(mobile_node, now);
  state_->flush(now);
  return started;
}

void Router::reset() {
  state_->core.sadb.remove_all();
  state_->core.crashed = false;
  state_->delayed.clear();
  state_->start_roles();
}

void Router::set_listener(EventListener listener) { state_->core.listener = std::move(listener); }
const Statistics& Router::statistics() const { return state_->core.statistics; }
std::size_t Router::mobile_nodes() const { return state_->core.sadb.owners(Role::nr); }

}  // namespace secct::replay
