// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/setup_check.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "generator/document/edit.hpp"
#include "generator/packet/build.hpp"
#include "generator/transmit/port.hpp"
#include "ipsec/crypto.hpp"
#include "network/datagram.hpp"
#include "protocol/tables/status.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/tester/case/mobile_node_state.hpp"
#include "replay/tester/liveness.hpp"

namespace secct::replay {
namespace {

using F = Field;

// A Replay value that the cases do not use.
constexpr std::uint8_t first_replay = 211;

// Steps of find_sequence(): each is 3% farther from the last number that the tester has used, so
// that not many numbers are wasted.
constexpr double first_step = 1024;
constexpr double step_factor = 1.03;
constexpr Time step_time = milliseconds(10);
constexpr std::uint32_t highest_start = UINT32_MAX - (1U << 20);  // leaves numbers for the run

// Of an exchange without an answer: a packet may be lost.
constexpr int attempts = 3;

constexpr std::uint16_t echo_identifier = 0xfffd;

std::string_view protocol_name(IpsecProtocol protocol) {
  return protocol == IpsecProtocol::ah ? "AH" : "ESP";
}

// The first transferable SA: a message with one context is never fragmented.
std::vector<Context> one_context(const Handover& handover) {
  auto contexts = handover.mobile_node().transferable();
  if (contexts.size() > 1) contexts.resize(1);
  return contexts;
}

bool is_for_peer(const RouterDescription& description, const ReceivedPacket& packet) {
  return packet.datagram && (packet.datagram->destination == description.peer ||
                             packet.datagram->destination == description.ipv4_peer);
}

// No key gives an ICV of zeros: the router sends it on purpose.
bool has_zero_icv(const ReceivedPacket& packet) {
  const auto* header = packet.datagram->find(ip_proto::ah);
  if (header == nullptr || header->length < ah_fixed_octets) return false;
  const auto icv = packet.datagram->octets_of(*header).subspan(ah_fixed_octets);
  return std::ranges::all_of(icv.first(std::min(icv.size(), icv_octets)),
                             [](auto octet) { return octet == 0; });
}

// Whether a key is that of another `sa_key`: most octets differ, and it is neither empty nor of
// equal octets.
bool is_other_key(View found, View expected) {
  if (found.size() != expected.size() || found.size() < 8) return false;
  std::size_t same = 0;
  for (std::size_t i = 0; i < found.size(); ++i) same += found[i] == expected[i] ? 1 : 0;
  const bool constant = std::ranges::all_of(found, [&](auto octet) { return octet == found[0]; });
  return !constant && same * 4 < found.size();
}

// A SHREQ of the check and its answer.
struct Asked {
  std::uint32_t number;
  Handover* handover;
  std::optional<std::uint8_t> status;  // std::nullopt: no answer
  std::vector<Context> contexts;
  bool first_failed = false;  // with status 105, and the second Replay was tried

  bool is_good() const {
    return status && *status != status::invalid_identity &&
           *status != status::invalid_authentication;
  }
};

}  // namespace

// Replay values above 127 that differ from check to check, because earlier ones may be used up.
std::uint8_t SetupCheck::other_replay(int attempt) const {
  return static_cast<std::uint8_t>(128 + (identifier_ * 5 + attempt * 31) % 128);
}

void SetupCheck::answered_after(Time sent) {
  response_time_ = std::max(response_time_, link_.now() - sent);
}

std::string SetupCheck::path_of(const RouterSa& sa) const {
  return fmt::format("router_sas[{}]", &sa - description_.router_sas.data());
}

std::optional<SetupProblem> SetupCheck::check_mtu() {
  if (!description_.liveness_echo || is_v4_mapped(description_.address)) return std::nullopt;
  const auto of_interface = link_.mtu();
  if (of_interface != 0 && of_interface < description_.mtu) {
    return SetupProblem{"mtu",
                        fmt::format("the description says {}, but the interface of the tester "
                                    "has {}: set both, and the router, to the same value",
                                    description_.mtu, of_interface)};
  }
  SetupExchange exchange(any_mobile_node_, Role::nr, link_, counters_, identifier_);
  const auto arrives = [&](std::size_t octets) {
    const EchoProbe probe(description_, echo_identifier, octets);
    exchange.send(probe.request());
    return exchange.collect(link_.now() + exchange.answer_time(), [&](const auto& packet) {
      return packet.datagram && probe.is_reply(*packet.datagram);
    });
  };
  constexpr std::size_t small = 64;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (arrives(description_.mtu)) return std::nullopt;
  }
  if (!arrives(small)) return std::nullopt;
  return SetupProblem{
      "mtu", fmt::format("the router answers an echo request of {} octets, but none of {} octets: "
                         "compare with the MTU of the router and of the links between",
                         small, description_.mtu)};
}

std::optional<SetupProblem> SetupCheck::check(Role role,
                                              std::span<const std::uint32_t> mobile_nodes) {
  if (mobile_nodes.empty()) return std::nullopt;
  switch (role) {
    case Role::nr: return check_new_router(mobile_nodes);
    case Role::pr: return check_previous_router(mobile_nodes);
    case Role::fa: return check_foreign_agent(mobile_nodes.front());
  }
  return std::nullopt;
}

// --- SAs between the routers

std::optional<SetupProblem> SetupCheck::wrong_sa_from_router(const SetupExchange& exchange) const {
  for (const auto protocol : {IpsecProtocol::ah, IpsecProtocol::esp}) {
    const std::string prefix = protocol == IpsecProtocol::ah ? "ah." : "esp.";
    const Failure* failure = nullptr;
    bool any_good = false;
    for (const auto& packet : exchange.received()) {
      if (!is_for_peer(description_, *packet)) continue;
      any_good = any_good || std::ranges::any_of(packet->sas, [&](const auto& sa) {
                   return sa.protocol == protocol;
                 });
      if (packet->broken.empty() || has_zero_icv(*packet)) continue;
      const auto& first = packet->broken.front();
      if (first.field == prefix + "spi" || first.field == prefix + "icv") failure = &first;
    }
    if (failure == nullptr || any_good) continue;
    const auto* sa = description_.find_router_sa(protocol, true);
    if (sa == nullptr) {
      return SetupProblem{"router_sas",
                          fmt::format("the router sends {}, for which the list has no SA with "
                                      "from: dut",
                                      protocol_name(protocol))};
    }
    if (failure->field.ends_with("spi")) {
      return SetupProblem{path_of(*sa) + ".spi",
                          fmt::format("the router sends {} with SPI {}, but its SA in the "
                                      "description has SPI 0x{:08x}",
                                      protocol_name(protocol), failure->actual, sa->sa.spi)};
    }
    return SetupProblem{
        path_of(*sa) + ".key",
        fmt::format("the router sends {} with SPI 0x{:08x} and an ICV that this SA does not give: "
                    "compare algorithm and key with those of the router",
                    protocol_name(protocol), sa->sa.spi)};
  }
  return std::nullopt;
}

std::optional<SetupProblem> SetupCheck::no_acceptance(const RouterSa& sa,
                                                      std::string_view message) const {
  const auto protocol = protocol_name(sa.sa.protocol);
  const int number = sa.sa.protocol == IpsecProtocol::ah ? ip_proto::ah : ip_proto::esp;
  return SetupProblem{
      path_of(sa),
      fmt::format("the router does not answer a valid {} under this SA ({}, SPI 0x{:08x}, from: "
                  "peer), with any sequence number: compare spi, algorithm and keys with those of "
                  "the router, and `peer` with the address that it expects; a firewall may drop {} "
                  "(IP protocol {})",
                  message, protocol, sa.sa.spi, protocol, number)};
}

bool SetupCheck::find_sequence(SetupExchange& exchange, const RouterSa& sa, const MakePacket& make,
                               const SetupExchange::Done& accepted) {
  const auto [protocol, spi] = std::pair(sa.sa.protocol, sa.sa.spi);
  const auto base = counters_.next(protocol, spi, sa.sequence.value_or(1));
  bool found = false;
  std::uint32_t number = base;
  for (double step = first_step; !found && base + step < highest_start; step *= step_factor) {
    number = base + static_cast<std::uint32_t>(step);
    counters_.set(protocol, spi, number);
    exchange.send(make());
    found = exchange.collect(link_.now() + step_time, accepted);
  }
  found = found || exchange.collect(link_.now() + exchange.answer_time(), accepted);
  if (!found) return false;
  notes_.push_back(
      fmt::format("{}: the router has received the sequence numbers up to {} before, or higher "
                  "ones; the tester "
                  "continues with {}",
                  path_of(sa), base, number + 1));
  return true;
}

// --- roles

std::optional<SetupProblem> SetupCheck::check_previous_router(
    std::span<const std::uint32_t> mobile_nodes) {
  const auto* sa = description_.find_router_sa(IpsecProtocol::ah, false);
  if (sa == nullptr) return std::nullopt;
  SetupExchange exchange(description_, Role::pr, link_, counters_, identifier_);
  std::vector<Asked> all;
  std::size_t answers = 0;
  const auto on_shrep = [&](const ReceivedPacket& packet) -> Asked* {
    if (packet.decoded.message != Message::shrep) return nullptr;
    const auto* paddr = packet.decoded.find(F::paddr);
    for (auto& asked : all) {
      const auto& handover = *asked.handover;
      const bool same =
          packet.decoded.number(F::identifier) == handover.identifier() ||
          (paddr != nullptr && packet.decoded.address(*paddr) == handover.mobile_node().paddr);
      if (!same) continue;
      if (!asked.status) ++answers;
      for (auto& context : read_contexts(packet.decoded))
        asked.contexts.push_back(std::move(context));
      const auto status = packet.decoded.number(F::status);
      asked.status = static_cast<std::uint8_t>(status.value_or(status::ok));
      return &asked;
    }
    return nullptr;
  };
  const auto ask = [&](Asked& asked, std::uint8_t replay) {
    asked.status.reset();
    asked.contexts.clear();
    exchange.send(asked.handover->shreq(replay));
  };
  const auto wait = [&](std::size_t wanted) {
    const auto sent = link_.now();
    answers = 0;
    const bool done = exchange.collect(sent + exchange.answer_time(), [&](const auto& packet) {
      if (on_shrep(packet) != nullptr) answered_after(sent);
      return answers >= wanted;
    });
    // Further contexts of the last answer.
    if (done)
      exchange.collect(link_.now() + response_time_, [&](const auto& packet) {
        on_shrep(packet);
        return false;
      });
  };
  const auto ask_all = [&](std::span<const std::uint32_t> numbers) {
    for (const auto number : numbers) {
      auto& asked = all.emplace_back(Asked{number, &exchange.handover(number), {}, {}});
      ask(asked, first_replay);
    }
    wait(numbers.size());
  };
  const auto any_good = [&] { return std::ranges::any_of(all, &Asked::is_good); };
  const auto unanswered = [&] {
    return std::ranges::none_of(all, [](const auto& asked) { return asked.status.has_value(); });
  };

  ask_all(mobile_nodes);
  if (unanswered()) {
    if (auto problem = wrong_sa_from_router(exchange)) return problem;
    auto& first = all.front();
    const bool found = find_sequence(
        exchange, *sa, [&] { return first.handover->shreq(first_replay); },
        [&](const auto& packet) { return on_shrep(packet) != nullptr; });
    if (!found) {
      if (auto problem = wrong_sa_from_router(exchange)) return problem;
      return no_acceptance(*sa, "SHREQ");
    }
    for (auto& asked : all) {
      if (!asked.status) ask(asked, first_replay);
    }
    wait(all.size() - 1);
  }
  if (auto problem = wrong_sa_from_router(exchange)) return problem;
  // Another Replay shows whether the first one was used up.
  for (int attempt = 0; attempt < attempts; ++attempt) {
    std::size_t repeated = 0;
    for (auto& asked : all) {
      if (asked.status != status::invalid_authentication) continue;
      asked.first_failed = true;
      ++repeated;
      ask(asked, other_replay(attempt));
    }
    if (repeated > 0) wait(repeated);
  }
  const bool token = std::ranges::all_of(
      all, [](const auto& asked) { return asked.status == status::invalid_authentication; });
  if (token) {
    return SetupProblem{"mobile_nodes.token_key",
                        fmt::format("the router answers a valid SHREQ for each of {} mobile nodes "
                                    "with status 105: compare the key with that of the router",
                                    all.size())};
  }
  if (!any_good()) {
    // All of the mobile nodes are unknown, or were used before.
    std::vector<std::uint32_t> others;
    constexpr std::uint32_t more = 4;
    for (std::uint32_t i = 0; i < more; ++i) {
      others.push_back(1 + (mobile_nodes.front() + (description_.mobile_node_count / more) * i +
                            description_.mobile_node_count / (2 * more)) %
                               std::max(description_.mobile_node_count, 1U));
    }
    const auto unknown = std::ranges::all_of(
        all, [](const auto& asked) { return asked.status == status::invalid_identity; });
    ask_all(others);
    if (unknown && !any_good()) {
      return SetupProblem{
          "old_prefix",
          fmt::format(
              "the router answers a valid SHREQ for Paddr {} and {} other mobile nodes with "
              "status 104: compare old_prefix and mobile_nodes.count with the mobile nodes "
              "that are configured in the router; if they are right, all mobile nodes were "
              "used by earlier runs: reset the router (hooks.reset)",
              to_text(all.front().handover->mobile_node().paddr), all.size() - 1)};
    }
  }
  for (std::size_t i = 0; i < mobile_nodes.size(); ++i) {
    if (all[i].first_failed || (all[i].status && !all[i].is_good())) {
      used_.push_back(all[i].number);
    }
  }
  std::vector<const Handover*> handovers;
  std::vector<std::vector<Context>> contexts;
  for (auto& asked : all) {
    if (asked.contexts.empty()) continue;
    handovers.push_back(asked.handover);
    contexts.push_back(std::move(asked.contexts));
  }
  return wrong_contexts(handovers, contexts);
}

void SetupCheck::find_used(std::span<const std::uint32_t> mobile_nodes) {
  constexpr const char* unknown_form = "42";  // no Req-SPT of wire-format.md 6.3
  constexpr Time interval = milliseconds(2);
  SetupExchange exchange(description_, Role::pr, link_, counters_, identifier_);
  std::map<Address, std::uint32_t> asked;
  const auto on_packet = [&](const ReceivedPacket& packet) {
    const auto* paddr = packet.decoded.find(F::paddr);
    if (packet.decoded.message != Message::shrep || paddr == nullptr) return false;
    const auto found = asked.find(packet.decoded.address(*paddr));
    if (found == asked.end()) return false;
    const auto status = packet.decoded.number(F::status);
    if (status == status::invalid_identity || status == status::invalid_authentication) {
      used_.push_back(found->second);
    }
    asked.erase(found);
    return false;
  };
  for (const auto number : mobile_nodes) {
    auto& handover = exchange.handover(number);
    asked.emplace(handover.mobile_node().paddr, number);
    auto packet = handover.shreq(first_replay);
    set_field(description_.codepoints, packet, row(F::req_spt).name, unknown_form);
    exchange.send(packet);
    exchange.collect(link_.now() + interval, on_packet);
  }
  exchange.collect(link_.now() + exchange.answer_time(), [&](const auto& packet) {
    on_packet(packet);
    return asked.empty();
  });
}

std::optional<SetupProblem> SetupCheck::wrong_contexts(
    std::span<const Handover* const> handovers,
    std::span<const std::vector<Context>> contexts) const {
  if (handovers.size() < 2) return std::nullopt;
  const auto expected_of = [&](std::size_t i) {
    return handovers[i]->mobile_node().transferable();
  };
  const auto expected = expected_of(0);
  // SPIs that differ by the same number for all mobile nodes are those of another spi_base.
  std::set<Octets> other_keys;
  std::size_t keys = 0;
  for (std::size_t i = 0; i < handovers.size(); ++i) {
    if (contexts[i].size() != expected.size()) return std::nullopt;
  }
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const auto difference = contexts[0][k].spi - expected[k].spi;
    bool constant = difference != 0;
    for (std::size_t i = 1; i < handovers.size(); ++i) {
      constant = constant && contexts[i][k].spi - expected_of(i)[k].spi == difference &&
                 contexts[i][k].spt == expected[k].spt;
    }
    if (constant) {
      std::size_t position = 0;  // in mobile_nodes.sas
      std::size_t transferable = 0;
      for (const auto& pattern : description_.sas) {
        if (pattern.type >= 3) transferable += pattern.repeat;
        if (transferable > k) break;
        ++position;
      }
      const auto base =
          position < description_.sas.size() ? description_.sas[position].spi_base : 0;
      return SetupProblem{
          fmt::format("mobile_nodes.sas[{}].spi_base", position),
          fmt::format(
              "the router transfers SPI 0x{:08x} where the description gives 0x{:08x}, and "
              "the same difference for other mobile nodes: its spi_base seems to be 0x{:08x}",
              contexts[0][k].spi, expected[k].spi, base + difference)};
    }
    for (std::size_t i = 0; i < handovers.size(); ++i) {
      const auto right = expected_of(i)[k].key;
      if (right.empty()) continue;
      ++keys;
      if (is_other_key(contexts[i][k].key, right)) other_keys.insert(contexts[i][k].key);
    }
  }
  if (keys == 0 || other_keys.size() != keys) return std::nullopt;
  return SetupProblem{
      "mobile_nodes.sa_key",
      fmt::format("the router transfers SPI 0x{:08x} with a key of {} where the "
                  "description gives one of {}, and other keys for all other SAs",
                  expected[0].spi, masked_key(contexts[0][0].key), masked_key(expected[0].key))};
}

std::optional<SetupProblem> SetupCheck::check_new_router(
    std::span<const std::uint32_t> mobile_nodes) {
  const bool predictive = description_.capable("predictive") && mobile_nodes.size() > 1;
  const bool reactive = description_.capable("reactive");
  if (!predictive && !reactive) return std::nullopt;
  SetupExchange exchange(any_mobile_node_, Role::nr, link_, counters_, identifier_);
  auto& asking = exchange.handover(mobile_nodes.front());
  auto& moving = exchange.handover(mobile_nodes[predictive ? 1 : 0]);
  bool shreq = false;
  bool hack = false;
  bool accepted = false;                // a message under an SA between the routers
  bool to_peer = false;                 // the router has sent any packet to the other router
  bool installed = false;               // SAs of the mobile node without a SHREP
  std::optional<std::uint64_t> failed;  // the status of a SHAK before any SHREQ
  bool searching = false;               // for a sequence number: `sent` is long ago
  auto sent = link_.now();
  const auto on_packet = [&](const ReceivedPacket& packet) {
    if (is_for_peer(description_, packet) && !packet.broken.empty()) to_peer = true;
    const auto status = packet.decoded.number(F::status);
    switch (packet.decoded.message) {
      case Message::shreq:
        to_peer = true;
        asking.answer(packet.decoded);
        if (!shreq && !searching) answered_after(sent);
        shreq = true;
        if (!accepted) exchange.send(asking.shrep(one_context(asking)));
        break;
      case Message::hack:
        to_peer = true;
        if (hack) break;
        hack = accepted = true;
        if (!searching) answered_after(sent);
        break;
      case Message::shrep_ack: accepted = to_peer = true; break;
      case Message::shak:
        // 106: the router did not receive a SHREP.
        if (shreq && status && *status != status::unusable) accepted = true;
        if (!shreq && !to_peer && status == status::ok) installed = true;
        if (!shreq && !to_peer && status && *status != status::ok) failed = *status;
        break;
      default: break;
    }
    // A HAck shows that the router knows the other router, whatever it answers to a SHIN.
    return installed || ((hack || !predictive) && (failed || (accepted && (shreq || !reactive))));
  };
  auto replay = first_replay;
  bool done = false;
  for (int attempt = 0; attempt < attempts && !done; ++attempt) {
    sent = link_.now();
    if (reactive && !shreq) exchange.send(asking.shin(replay));
    if (predictive && !hack) exchange.send(moving.hi(one_context(moving)));
    done = exchange.collect(sent + exchange.answer_time(), on_packet);
  }
  if (installed) {
    used_.push_back(mobile_nodes.front());
    return std::nullopt;
  }
  if (auto problem = wrong_sa_from_router(exchange)) return problem;
  if (failed == status::unusable && !accepted) {
    return SetupProblem{"peer",
                        fmt::format("the router answers a valid SHIN with status 106 and asks no "
                                    "other router: compare {} with the address of the previous "
                                    "router that the router knows",
                                    to_text(description_.peer))};
  }
  const bool confidential = description_.policies.confidential;
  const auto* sa =
      description_.find_router_sa(confidential ? IpsecProtocol::esp : IpsecProtocol::ah, false);
  if (!accepted && sa != nullptr && (predictive || shreq)) {
    auto asked = sent;
    searching = true;
    const auto make = [&] {
      if (predictive) return moving.hi(one_context(moving));
      // The router waits for a SHREP for four times SHREQ_REXMIT_TIME.
      const auto timers = Timers::scaled(description_.timing_scale);
      if (link_.now() > asked + 2 * timers.shreq_rexmit) {
        asked = link_.now();
        exchange.send(asking.shin(++replay));
        exchange.collect(asked + response_time_, [&](const auto& packet) {
          on_packet(packet);
          return false;
        });
      }
      return asking.shrep(one_context(asking));
    };
    const bool found = find_sequence(exchange, *sa, make, [&](const auto& packet) {
      on_packet(packet);
      return accepted;
    });
    // Without any answer, the mobile node's side decides which line is wrong.
    if (!found && (shreq || !reactive)) return no_acceptance(*sa, predictive ? "HI" : "SHREP");
  }
  if (reactive && !shreq && !failed) {
    MobileNodeState state(asking);
    const TrafficStep echo;
    bool answered = false;
    for (int attempt = 0; attempt < attempts && !answered; ++attempt) {
      exchange.send(state.traffic(echo, 1));
      answered = exchange.collect(link_.now() + exchange.answer_time(), [&](const auto& packet) {
        return packet.answers(echo, asking.identifier(), 1);
      });
    }
    if (!answered) {
      return SetupProblem{
          description_.mn_address == description_.address ? "new_prefix" : "mn_address",
          fmt::format("the router at {} answers neither a valid SHIN nor an echo request from the "
                      "mobile node {}: compare mn_address and new_prefix with the router, and "
                      "--mn-interface with the link to the mobile nodes",
                      to_text(description_.mn_address), to_text(asking.mobile_node().naddr))};
    }
    return SetupProblem{
        "roles", fmt::format("the router at {} answers an echo request of a mobile node, but "
                             "does not react to a valid SHIN: it lacks the role nr or has "
                             "other codepoints, or a firewall drops Destination Options (IP "
                             "protocol {})",
                             to_text(description_.mn_address), ip_proto::dstopts)};
  }
  if (confidential || mobile_nodes.size() <= 2) return std::nullopt;
  return check_esp_from_peer(exchange, mobile_nodes[2]);
}

std::optional<SetupProblem> SetupCheck::check_esp_from_peer(SetupExchange& exchange,
                                                            std::uint32_t mobile_node) {
  const auto* sa = description_.find_router_sa(IpsecProtocol::esp, false);
  if (sa == nullptr || !description_.capable("esp") || !description_.capable("predictive")) {
    return std::nullopt;
  }
  auto& handover = exchange.handover(mobile_node);
  const auto make = [&] {
    auto packet = handover.hi(one_context(handover));
    handover.put_under(IpsecProtocol::esp, packet);
    return packet;
  };
  const auto accepted = [&](const ReceivedPacket& packet) {
    return packet.decoded.message == Message::hack;
  };
  for (int attempt = 0; attempt < attempts; ++attempt) {
    exchange.send(make());
    if (exchange.collect(link_.now() + exchange.answer_time(), accepted)) return std::nullopt;
  }
  if (find_sequence(exchange, *sa, make, accepted)) return std::nullopt;
  return no_acceptance(*sa, "HI");
}

std::optional<SetupProblem> SetupCheck::check_foreign_agent(std::uint32_t mobile_node) {
  SetupExchange exchange(any_mobile_node_, Role::fa, link_, counters_, identifier_);
  auto& handover = exchange.handover(mobile_node);
  auto sent = link_.now();
  bool answered = false;
  for (int attempt = 0; attempt < attempts && !answered; ++attempt) {
    sent = link_.now();
    exchange.send(handover.mip4_request());
    answered = exchange.collect(sent + exchange.answer_time(), [&](const auto& packet) {
      return packet.decoded.message == Message::shreq || packet.registration_code.has_value() ||
             (is_for_peer(description_, packet) && !packet.broken.empty());
    });
  }
  if (answered) {
    answered_after(sent);
    return wrong_sa_from_router(exchange);
  }
  return SetupProblem{
      "ipv4.address",
      fmt::format(
          "the router at {} does not react to a valid Registration Request from {}: compare "
          "ipv4.address with the router; it may lack the role fa, or a firewall may drop UDP "
          "port 434",
          to_text(description_.ipv4_address), to_text(handover.mobile_node().home))};
}

// --- the check before a run

void start_mobile_nodes(MobileNodePool& pool, const Link& link, const SetupOptions& options) {
  if (options.first_mobile_node) {
    pool.start_at(*options.first_mobile_node);
  } else if (link.is_fresh()) {
    pool.start();
  } else {
    pool.start_randomly(link.now());
  }
  if (const auto shortage = pool.shortage()) throw SetupError(*shortage + options.circumstances);
}

void run_setup_check(SetupCheck& check, MobileNodePool& pool, const Link& link,
                     const SetupOptions& options) {
  const auto note = [&](const std::string& sentence) {
    if (options.note) options.note(sentence);
  };
  const auto stop_if = [&](const std::optional<SetupProblem>& problem) {
    if (!problem) return;
    const auto place = options.locate ? options.locate(problem->path) : problem->path;
    throw SetupError(fmt::format("SETUP: {}: {}{}", place, problem->text, options.circumstances));
  };
  stop_if(check.check_mtu());
  const bool may_move = !options.first_mobile_node && !link.is_fresh();
  for (unsigned attempt = 1;; ++attempt) {
    const auto known = check.used().size();
    for (const auto role : options.roles) stop_if(check.check(role, pool.samples(role)));
    if (!link.is_fresh()) check.find_used(pool.doubtful(Role::pr));
    if (check.used().size() == known) break;
    constexpr unsigned most_attempts = 5;
    const auto used = fmt::format("an earlier run has used mobile node {}", check.used().back());
    if (!may_move || attempt == most_attempts) {
      throw SetupError(fmt::format(
          "SETUP: {}: reset the router (hooks.reset), choose other mobile nodes with "
          "--first-mobile-node, or raise mobile_nodes.count in the description and in the router{}",
          used, options.circumstances));
    }
    note(used + ": the tester chose others");
    pool.start_randomly(link.now());
  }
  for (const auto& sentence : check.notes()) note(sentence);
}

}  // namespace secct::replay
