// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/initiator.hpp"

#include <algorithm>

#include "generator/handover/handover.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "protocol/tables/numbers.hpp"
#include "protocol/tables/status.hpp"
#include "replay/router/overrides/apply_override.hpp"

namespace secct::replay {
namespace {

using F = Field;

constexpr std::uint8_t predictive_replay = 0;  // wire-format 6.1
constexpr std::size_t auth_octets = 8;

// True under AH of an SA of type 5 between the mobile node and this router.
bool is_own_ah(const IncomingMessage& in) {
  return std::ranges::any_of(in.under, [&](const auto& live) {
    return live->owner && live->owner->address == in.datagram.source && live->type == 5 &&
           live->sa.protocol == IpsecProtocol::ah;
  });
}

}  // namespace

void Initiator::on_pshin(const IncomingMessage& in) {
  if (!is_own_ah(in) && !core_.faulty(Fault::pshin_without_ah)) {
    return core_.record(in, Outcome::discarded, "not protected by AH of the mobile node",
                        "RELOC-4-6");
  }
  const auto number = core_.description.number_of(in.datagram.source);
  const auto nr = in.address(F::router);
  const auto naddr = in.address(F::naddr);
  if (!number || !nr || !naddr) {
    return core_.record(in, Outcome::discarded, "not from a mobile node of this router",
                        "RELOC-5.4-104");
  }
  if (pending_.contains(*number))
    return core_.record(in, Outcome::repeated, "the HI awaits its HAck");
  if (core_.faulty(Fault::pshin_ignored)) return;
  const auto requests = read_requests(in.decoded);
  const bool refuses =
      in.decoded.find(F::req_form) == nullptr && core_.faulty(Fault::pshin_without_request_refused);
  const bool requests_address =
      is_unspecified(*naddr) && core_.varies(Variation::s_for_unspecified_naddr);
  std::uint8_t status = status::ok;
  if (in.decoded.has_status_row(2) || in.decoded.has_status_row(5) || refuses) {
    status = status::invalid_attribute;
  } else if (in.decoded.has_status_row(6) && !requests_address) {
    status = status::invalid_source;
  } else if (!core_.is_peer(*nr) && !core_.faulty(Fault::unknown_nr_served)) {
    status = status::unusable;
  } else {
    auto features = announced_features(core_.description.codepoints, in.decoded);
    if (core_.faulty(Fault::ushrep_token_over_r1)) {
      features = req_r1(core_.description.codepoints);
    }
    const auto known = requests_address ? std::nullopt : naddr;
    status = start(*number, *nr, known, requests, features, in.now);
  }
  if (status == status::ok) return core_.record(in, Outcome::accepted, "HI sent");
  core_.record_refusal(in, status);
  if (!core_.varies(Variation::pshin_failure_told)) return;
  for (const auto& live : core_.sadb.of(MobileNodeStore::owner_of(in.datagram.source))) {
    if (live->sa.destination != in.datagram.source) continue;
    return core_.send_to_mobile_node(in.datagram.destination, in.datagram.source, live.get(),
                                     message_node(Message::shak, {core_.stat(status)}));
  }
}

bool Initiator::trigger(std::uint32_t mobile_node, Time now) {
  if (mobile_node == 0 || mobile_node > core_.description.last_mobile_node()) return false;
  if (pending_.contains(mobile_node)) return true;
  std::vector<Request> all(1);
  all.front().form = 1;
  const auto features = req_r1(core_.description.codepoints);
  // Naddr is unknown: the new router assigns it.
  start(mobile_node, core_.description.peer, std::nullopt, all, features, now);
  return true;
}

std::uint8_t Initiator::start(std::uint32_t mobile_node, const Address& nr,
                              std::optional<Address> naddr, std::span<const Request> requests,
                              View features, Time now) {
  const auto sas = store_.sas(mobile_node);
  auto found = find_contexts(requests, sas, core_.behaviour);
  if (found.status != status::ok) return found.status;
  if (pending_.size() >= core_.limits.pending_requests) {
    core_.statistics.add(Count::pending_full);
    return status::unusable;
  }
  for (auto& context : found.contexts) override_handed_over(core_.behaviour, context);
  auto& hi = pending_[mobile_node];
  while (by_identifier_.contains(next_identifier_)) ++next_identifier_;
  hi.identifier = next_identifier_++;
  by_identifier_[hi.identifier] = mobile_node;
  hi.nr = nr;
  hi.naddr = naddr;
  for (const auto& part :
       split_contexts(core_.description.codepoints, found.contexts, auth_octets)) {
    hi.parts.push_back(make_hi(hi, mobile_node, features, part));
  }
  core_.statistics.add(Count::handed_over, found.contexts.size());
  send(hi);
  alarms_.set(mobile_node, now + core_.timers.hi_rexmit);
  return status::ok;
}

Node Initiator::make_hi(const PendingHi& hi, std::uint32_t mobile_node, View features,
                        const std::vector<Context>& contexts) const {
  const auto& points = core_.description.codepoints;
  const auto node = core_.description.mobile_node(mobile_node, Role::pr);
  const auto token = compute_token(node.token_key, features, predictive_replay, node.paddr);
  const auto replay = static_cast<std::uint8_t>(core_.faulty(Fault::ushrep_replay_1) ? 1 : 0);
  std::vector<Node> subs;
  if (!core_.faulty(Fault::ushrep_without_auth)) subs.push_back(auth_node(points, replay, token));
  for (auto& rep : rep_nodes(points, contexts)) subs.push_back(std::move(rep));
  std::vector<Node> fields{{F::identifier, hi.identifier}};
  if (!hi.naddr && !core_.faulty(Fault::s_left_clear)) {
    fields.emplace_back(F::flag_s, std::uint64_t{1});
  }
  if (!core_.faulty(Fault::hi_without_old_care_of)) {
    fields.push_back(address_option(points, address_subtype::old_care_of, node.paddr));
  }
  if (hi.naddr) fields.push_back(address_option(points, address_subtype::new_care_of, *hi.naddr));
  const auto unknown = core_.faulty(Fault::naddr_guessed) ? node.paddr : Address{};
  fields.push_back(lla_option(points, lla_subtype::mobile_node, link_layer_address(mobile_node)));
  fields.push_back(context_option(points, CodePoint::icmpopt_ushrep, hi.naddr.value_or(unknown),
                                  node.paddr, std::move(subs)));
  return message_node(Message::hi, std::move(fields));
}

void Initiator::send(const PendingHi& hi) {
  for (const auto& part : hi.parts) core_.send_to_peer(hi.nr, true, part);
}

std::optional<Address> Initiator::pending_naddr(std::uint32_t mobile_node) const {
  const auto found = pending_.find(mobile_node);
  return found == pending_.end() ? std::nullopt : found->second.naddr;
}

void Initiator::on_hack(const IncomingMessage& in) {
  if (!core_.from_peer(in, message_info(Message::hack).accepted_under)) {
    return core_.record(in, Outcome::discarded, "not protected by the SA between the routers",
                        "RELOC-7-1");
  }
  auto found = by_identifier_.find(in.identifier());
  if (found == by_identifier_.end() && core_.faulty(Fault::hack_identifier_low_compared)) {
    constexpr unsigned low_octet = 0xff;
    found = std::ranges::find_if(by_identifier_, [&](const auto& entry) {
      return ((entry.first ^ in.identifier()) & low_octet) == 0;
    });
  }
  if (found == by_identifier_.end()) {
    return core_.record(in, Outcome::discarded, "no HI has this Identifier");
  }
  const auto code = static_cast<std::uint8_t>(in.decoded.number(F::code).value_or(0));
  auto& hi = pending_.at(found->second);
  if (code >= hack_code::refused) {
    remove(found->second);
    return core_.record(in, Outcome::refused, "handover refused", {}, code);
  }
  // Each HI has its HAck. If one is lost, all HIs are retransmitted.
  if (++hi.acknowledged >= hi.parts.size() && !core_.faulty(Fault::hack_ignored)) {
    remove(found->second);
  }
  core_.record(in, Outcome::accepted, "handover accepted", {}, code);
}

void Initiator::remove(std::uint32_t mobile_node) {
  const auto found = pending_.find(mobile_node);
  by_identifier_.erase(found->second.identifier);
  alarms_.clear(mobile_node);
  pending_.erase(found);
}

void Initiator::advance(Time now) {
  while (const auto mobile_node = alarms_.take_due(now)) {
    auto& hi = pending_.at(*mobile_node);
    if (hi.retries >= core_.timers.hi_retries) {
      core_.statistics.add(Count::given_up);
      remove(*mobile_node);
      continue;
    }
    ++hi.retries;
    core_.statistics.add(Count::retransmitted);
    send(hi);
    alarms_.set(*mobile_node, now + core_.timers.hi_rexmit);
  }
}

}  // namespace secct::replay
