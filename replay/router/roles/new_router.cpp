// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/new_router.hpp"

#include <algorithm>

#include "protocol/tables/numbers.hpp"
#include "protocol/tables/status.hpp"
#include "replay/router/overrides/apply_override.hpp"

namespace secct::replay {
namespace {

using F = Field;

namespace code = hack_code;

std::optional<Address> care_of(const DecodedMessage& decoded, std::uint8_t subtype) {
  for (const auto& field : decoded.fields) {
    if (field.field != F::options) continue;
    const auto* found = decoded.find_in(field, F::opt_subtype);
    const auto* address = decoded.find_in(field, F::opt_address);
    if (found != nullptr && address != nullptr && found->number == subtype) {
      return decoded.address(*address);
    }
  }
  return std::nullopt;
}

}  // namespace

Node verbatim_features(const DecodedMessage& decoded) {
  const auto* replay = decoded.find(F::auth_replay);
  std::size_t from = 0;
  for (const auto& field : decoded.fields) {
    if (field.field != F::sub_options) continue;
    if (replay != nullptr && field.offset <= replay->offset) from = field.offset;
  }
  // A malformed chain is copied too: the previous router answers it.
  const auto octets = decoded.octets.subspan(from);
  Node node(F::sub_options);
  node.children.emplace_back(F::raw, Octets(octets.begin(), octets.end()));
  return node;
}

// --- HI
bool NewRouter::is_in_use(const Address& address) const {
  return std::ranges::find(core_.description.ncoa_in_use, address) !=
         core_.description.ncoa_in_use.end();
}

// Keeps the mobile node's interface identifier if the address is free.
Address NewRouter::assign(const Address& old) const {
  const auto& description = core_.description;
  auto address = description.new_prefix.address;
  const auto prefix =
      prefix_of(old, std::max(description.new_prefix.length, description.old_prefix.length));
  for (std::size_t i = 0; i < old.size(); ++i) {
    address[i] |= static_cast<std::uint8_t>(old[i] ^ prefix[i]);
  }
  while (is_in_use(address)) ++address[longest_prefix / 8];
  return address;
}

NewRouter::HiDecision NewRouter::decide(const IncomingMessage& in) const {
  const auto old = care_of(in.decoded, address_subtype::old_care_of);
  if (!old) return {code::refused, {}};
  const bool has_u_shrep = in.decoded.find(F::paddr) != nullptr;
  if (has_u_shrep && kept_.size() >= core_.limits.kept_ushreps) return {code::no_resources, {}};
  if (in.decoded.number(F::flag_s).value_or(0) != 0 && !core_.faulty(Fault::flag_s_ignored)) {
    if (!core_.description.policies.stateful) return {code::not_assigned, {}};
    return {code::assigned, assign(*old)};
  }
  const auto ncoa = care_of(in.decoded, address_subtype::new_care_of);
  if (!ncoa || is_unspecified(*ncoa) || is_multicast(*ncoa) || is_link_local(*ncoa)) {
    return {core_.faulty(Fault::ncoa_not_checked) ? code::valid : code::not_valid, {}};
  }
  if (is_in_use(*ncoa) && !core_.faulty(Fault::ncoa_not_checked)) return {code::in_use, {}};
  return {code::valid, {}};
}

void NewRouter::on_hi(const IncomingMessage& in) {
  const bool carries_keys = in.decoded.find(F::contexts) != nullptr;
  const bool confidential =
      core_.description.policies.confidential && !core_.faulty(Fault::hi_under_ah_used);
  const auto needs = carries_keys && confidential ? RequiredProtection::esp
                                                  : message_info(Message::hi).accepted_under;
  if (!core_.from_peer(in, needs) && !core_.faulty(Fault::hi_without_ah)) {
    return core_.record(in, Outcome::discarded, "not protected by the SA between the routers",
                        "FMIP-4.3-2");
  }
  const Octets message(in.decoded.octets.begin(), in.decoded.octets.end());
  const auto earlier_answer = answered_.find(message);
  if (earlier_answer != answered_.end() && !core_.faulty(Fault::hi_again_as_new)) {
    if (!core_.faulty(Fault::hi_again_unanswered)) {
      core_.send_to_peer(in.datagram.source, false, earlier_answer->second);
    }
    return core_.record(in, Outcome::repeated, "repeated HI");
  }
  const auto decision = decide(in);
  if (decision.code >= code::refused && core_.faulty(Fault::refused_hi_unanswered)) return;
  std::vector<Node> fields{{F::code, decision.code}, {F::identifier, in.identifier()}};
  if (decision.assigned) {
    fields.push_back(address_option(core_.description.codepoints, address_subtype::new_care_of,
                                    *decision.assigned));
  }
  if (auto option = keep_ushrep(in, decision)) fields.push_back(std::move(*option));
  auto hack = message_node(Message::hack, std::move(fields));
  core_.send_to_peer(in.datagram.source, false, hack);
  store_answer(message, hack, in.now);
  if (decision.code < code::refused) {
    core_.record(in, Outcome::accepted, "HAck sent", {}, decision.code);
  } else {
    if (decision.code == code::no_resources) core_.statistics.add(Count::kept_full);
    core_.record(in, Outcome::refused, "handover refused", "FMIP-4.4-6", decision.code);
  }
}

void NewRouter::store_answer(const Octets& message, const Node& hack, Time now) {
  if (answered_.size() >= core_.limits.answers) {
    const auto oldest = answered_until_.take_due(UINT64_MAX);
    answered_.erase(*oldest);
    core_.statistics.add(Count::answers_full);
  }
  answered_.insert_or_assign(message, hack);
  answered_until_.set(message, now + core_.timers.grat_shrep);
}

std::optional<Node> NewRouter::keep_ushrep(const IncomingMessage& in, const HiDecision& decision) {
  const auto naddr = in.address(F::naddr);
  const auto paddr = in.address(F::paddr);
  if (!naddr || !paddr) return std::nullopt;
  if (decision.code >= code::refused && !core_.faulty(Fault::refused_hi_kept)) return std::nullopt;
  // The SHIN arrived first: its SHREQ is pending (FRAME-5.2-5).
  if (transfers_.has_pending_request(*paddr) && !core_.faulty(Fault::late_u_shrep_kept)) {
    return std::nullopt;
  }
  auto contexts = read_received(core_, in.decoded);
  const auto replay = in.decoded.number(F::auth_replay);
  // A defect of the whole option, in the order of behaviour.md section 4.
  std::uint8_t failure = status::ok;
  if (in.decoded.has_status_row(2)) {
    failure = status::invalid_attribute;
  } else if (in.decoded.has_status_row(3)) {
    failure = status::invalid_identity;
  } else if (!replay) {
    failure = status::invalid_authentication;
  }
  if (!replay && core_.varies(Variation::ushrep_without_auth_ignored)) return std::nullopt;
  if (failure != status::ok) {
    contexts.assign(std::max<std::size_t>(contexts.size(), 1), {std::nullopt, failure});
  }
  if (failure == status::ok || (replay && core_.varies(Variation::continues_refused))) {
    const auto token = static_cast<std::uint32_t>(in.decoded.number(F::auth_token).value_or(0));
    auto& kept = kept_[*paddr];
    const bool continues = kept.identifier == in.identifier() && kept.token == token &&
                           !kept.contexts.empty() &&
                           !core_.faulty(Fault::ushrep_continuation_replaces);
    if (!continues) kept.contexts.clear();
    kept.identifier = in.identifier();
    kept.naddr = decision.assigned.value_or(*naddr);
    kept.replay = static_cast<std::uint8_t>(*replay);
    kept.token = token;
    kept.contexts.insert(kept.contexts.end(), contexts.begin(), contexts.end());
    kept_until_.set(*paddr, in.now + core_.timers.kept_shrep);
  }
  if (core_.faulty(Fault::hack_without_ack)) return std::nullopt;
  return shrep_ack_option(core_, *naddr, *paddr, contexts);
}

// --- SHIN
void NewRouter::refuse(const IncomingMessage& in, std::uint8_t code) {
  core_.send_to_mobile_node(in.datagram.destination, in.datagram.source, nullptr,
                            message_node(Message::shak, {core_.stat(code)}));
  core_.record_refusal(in, code);
}

void NewRouter::on_shin(const IncomingMessage& in) {
  const auto& naddr = in.datagram.source;
  const bool unusable_source = is_unspecified(naddr) || is_multicast(naddr);
  if (unusable_source && !core_.faulty(Fault::shin_from_nobody_served)) {
    return core_.record(in, Outcome::discarded, "unspecified or multicast source address");
  }
  const auto paddr = in.address(F::paddr);
  const auto pr = in.address(F::router);
  const auto token = in.decoded.number(F::auth_token);
  const auto replay = in.decoded.number(F::auth_replay);
  if (in.decoded.has_status_row(2) && core_.varies(Variation::chain_refused)) {
    return refuse(in, status::invalid_attribute);
  }
  if (!token || !replay) {
    return refuse(in, in.decoded.has_status_row(2) ? status::invalid_attribute
                                                   : status::invalid_authentication);
  }
  Transfer transfer;
  transfer.key = {naddr, *paddr, static_cast<std::uint32_t>(*token)};
  transfer.target = {{Role::nr, naddr}, in.datagram.destination, naddr, *paddr};
  transfer.pr = *pr;
  auto* earlier = transfers_.find(transfer.key);
  if (earlier != nullptr && earlier->request && core_.faulty(Fault::shin_again_asks_again)) {
    earlier = nullptr;
  }
  if (earlier == nullptr && core_.faulty(Fault::second_shin_ignored) &&
      transfers_.has_pending_request(*paddr)) {
    return;
  }
  if (earlier != nullptr) {
    if (!earlier->request && !core_.faulty(Fault::shin_again_ignored)) transfers_.report(*earlier);
    return core_.record(in, Outcome::repeated, "repeated SHIN");
  }
  if (kept_.contains(*paddr))
    return use_kept(in, std::move(transfer), static_cast<std::uint8_t>(*replay));
  if (is_link_local(naddr) && !core_.faulty(Fault::link_local_served)) {
    return refuse(in, status::invalid_source);
  }
  if (!core_.is_peer(*pr) && !core_.faulty(Fault::unknown_pr_asked)) {
    return refuse(in, status::unusable);
  }
  if (core_.faulty(Fault::no_fallback)) return refuse(in, status::unusable);
  if (!transfers_.make_room(in.now)) {
    core_.statistics.add(Count::pending_full);
    return refuse(in, status::unusable);
  }
  std::vector<Node> features{verbatim_features(in.decoded)};
  if (core_.faulty(Fault::features_rewritten)) {
    features = {auth_node(core_.description.codepoints, static_cast<std::uint8_t>(*replay),
                          static_cast<std::uint32_t>(*token)),
                req_r1_node(core_.description.codepoints)};
  }
  transfers_.start_request(std::move(transfer), std::move(features), in.now);
  core_.record(in, Outcome::accepted, "SHREQ sent");
}

// Answers a SHIN with the contexts of the kept U-SHREP.
void NewRouter::use_kept(const IncomingMessage& in, Transfer transfer, std::uint8_t replay) {
  const auto found = kept_.find(transfer.key.paddr);
  const auto& kept = found->second;
  const bool other_naddr =
      !is_unspecified(kept.naddr) &&
      !are_equal(core_.behaviour, Fault::kept_naddr_prefix_compared,
                 Fault::kept_naddr_suffix_compared, kept.naddr, transfer.key.naddr);
  if (other_naddr && !core_.faulty(Fault::other_naddr_served)) {
    return refuse(in, status::invalid_identity);
  }
  const auto compared = compared_bits(core_.behaviour, Fault::kept_token_high_compared,
                                      Fault::kept_token_low_compared);
  constexpr unsigned low_bits = 0x0f;
  const unsigned compared_replay = core_.faulty(Fault::kept_replay_low_compared) ? low_bits : 0xff;
  const bool same = (((kept.token ^ transfer.key.token) & compared) == 0 ||
                     core_.faulty(Fault::kept_token_not_compared)) &&
                    (((kept.replay ^ replay) & compared_replay) == 0 ||
                     core_.faulty(Fault::kept_replay_not_compared));
  if (!same) {
    if (core_.faulty(Fault::kept_lost_on_mismatch)) {
      kept_until_.clear(found->first);
      kept_.erase(found);
    }
    return refuse(in, status::invalid_authentication);
  }
  auto contexts = kept.contexts;
  kept_until_.clear(found->first);
  kept_.erase(found);
  transfers_.use_contexts(std::move(transfer), std::move(contexts), in.now);
  core_.record(in, Outcome::accepted, "SAs of the U-SHREP installed");
}

// --- time
void NewRouter::advance(Time now) {
  while (const auto paddr = kept_until_.take_due(now)) kept_.erase(*paddr);
  while (const auto message = answered_until_.take_due(now)) answered_.erase(*message);
}

std::optional<Time> NewRouter::deadline() const {
  return earlier(kept_until_.first(), answered_until_.first());
}

}  // namespace secct::replay
