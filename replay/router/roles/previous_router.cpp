// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/previous_router.hpp"

#include <algorithm>

#include "ipsec/crypto.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "protocol/tables/status.hpp"
#include "replay/router/overrides/apply_override.hpp"
#include "replay/router/roles/request.hpp"

namespace secct::replay {
namespace {

using F = Field;

constexpr std::size_t stat_octets = 4;

// This router evaluates AuthPrtr and the sub-options after it; defects before it are ignored.
std::uint32_t begin_of_features(const DecodedMessage& decoded) {
  const auto* replay = decoded.find(F::auth_replay);
  return replay != nullptr ? replay->offset : 0;
}

bool has_status_row(const DecodedMessage& decoded, std::uint8_t row) {
  const auto from = begin_of_features(decoded);
  return std::ranges::any_of(decoded.problems, [&](const auto& problem) {
    // Naddr precedes AuthPrtr and is evaluated nevertheless.
    return secct::row(problem.rule).status_row == row &&
           (problem.offset >= from || problem.field == F::naddr);
  });
}

// For Variation::one_rep_each.
std::vector<Node> one_rep_each(const CodePoints& points, const std::vector<Context>& contexts) {
  std::vector<Node> nodes;
  for (const auto& context : contexts) nodes.push_back(rep_nodes(points, {context}).front());
  return nodes;
}

}  // namespace

PreviousRouter::Answer PreviousRouter::process(const IncomingMessage& in) {
  const auto& decoded = in.decoded;
  if (decoded.has_status_row(2)) return {status::invalid_attribute, {}};
  if (core_.faulty(Fault::attributes_before_token) && has_status_row(decoded, 5)) {
    return {status::invalid_attribute, {}};
  }
  const auto paddr = token_paddr(decoded);
  const auto number = paddr ? core_.description.number_of(*paddr) : std::nullopt;
  if (!number) return {status::invalid_identity, {}};
  auto& state = states_[*number];
  if (state.purge && *state.purge <= in.now) return {status::invalid_identity, {}};
  const auto pending = initiator_.pending_naddr(*number);
  const bool other_naddr = pending && *pending != in.address(F::naddr) &&
                           !core_.faulty(Fault::pending_naddr_not_compared);
  if (other_naddr || (pending && core_.faulty(Fault::refused_while_hi_pending))) {
    return {status::invalid_identity, {}};
  }
  const auto replay = decoded.number(F::auth_replay);
  const auto token = decoded.number(F::auth_token);
  const auto features = ho_features(decoded);
  if (!replay || !token || !features) return {status::invalid_authentication, {}};
  const auto replay_octet = static_cast<std::uint8_t>(*replay);
  const auto expected =
      compute_token(core_.description.token_key_of(*number), *features, replay_octet, *paddr);
  const auto compared =
      compared_bits(core_.behaviour, Fault::token_half_compared, Fault::token_low_compared);
  const bool good_token = ((expected ^ static_cast<std::uint32_t>(*token)) & compared) == 0 ||
                          core_.faulty(Fault::token_not_checked);
  constexpr std::uint8_t low_bits = 0x0f;
  const auto remembered = static_cast<std::uint8_t>(
      core_.faulty(Fault::replay_low_remembered) ? replay_octet & low_bits : replay_octet);
  const bool used = state.used_replays[remembered] && !core_.faulty(Fault::replay_not_remembered);
  const bool falls = core_.faulty(Fault::replay_must_rise) && replay_octet < state.highest_replay;
  if (!good_token || used || falls) return {status::invalid_authentication, {}};
  auto result = select_contexts(in, *number);
  if (result.status == status::ok || core_.faulty(Fault::failure_uses_replay)) {
    state.used_replays.set(remembered);
    state.highest_replay = std::max(state.highest_replay, replay_octet);
  }
  if (result.status != status::ok) {
    result.contexts.clear();  // all or nothing
    return result;
  }
  core_.statistics.add(Count::handed_over, result.contexts.size());
  if (!core_.faulty(Fault::never_purged)) state.purge = in.now + core_.timers.context_purge;
  return result;
}

PreviousRouter::Answer PreviousRouter::select_contexts(const IncomingMessage& in,
                                                       std::uint32_t number) {
  if (has_status_row(in.decoded, 5)) return {status::invalid_attribute, {}};
  if (has_status_row(in.decoded, 6)) return {status::invalid_source, {}};
  const auto requests = read_requests(in.decoded);
  if (requests.empty()) return {status::invalid_attribute, {}};
  const auto sas = mobile_nodes_.sas(number);
  auto found = find_contexts(requests, sas, core_.behaviour);
  return {found.status, std::move(found.contexts)};
}

void PreviousRouter::on_shreq(const IncomingMessage& in) {
  const auto needs = core_.faulty(Fault::shreq_under_esp_answered)
                         ? RequiredProtection::ah_or_esp
                         : message_info(Message::shreq).accepted_under;
  if (!core_.from_peer(in, needs) && !core_.faulty(Fault::shreq_without_ah)) {
    return core_.record(in, Outcome::discarded, "not protected by AH between the routers",
                        "FRAME-5.1-2");
  }
  if (in.decoded.find(F::naddr) == nullptr) {
    return core_.record(in, Outcome::discarded, "no SHREQ option");
  }
  if (core_.faulty(Fault::further_request_refused) && read_requests(in.decoded).size() > 1) return;
  Octets message(in.decoded.octets.begin(), in.decoded.octets.end());
  auto stored = answers_.find(message);
  if (stored == answers_.end() && core_.varies(Variation::answers_by_identifier)) {
    stored = std::ranges::find_if(answers_, [&](const auto& entry) {
      constexpr std::size_t identifier_at = 4;  // in the ICMPv6 message
      return std::equal(message.begin() + identifier_at, message.begin() + identifier_at + 2,
                        entry.first.begin() + identifier_at);
    });
  }
  if (stored != answers_.end() && !core_.faulty(Fault::shreq_again_as_new)) {
    answer(in, stored->second);
    if (const auto number = core_.description.number_of(*in.address(F::paddr));
        number && stored->second.status == status::ok) {
      auto& purge = states_[*number].purge;
      if (purge) purge = std::max(*purge, in.now + core_.timers.context_save);
    }
    return core_.record(in, Outcome::repeated, "repeated SHREQ");
  }
  auto result = process(in);
  answer(in, result);
  if (result.status == status::ok) {
    core_.record(in, Outcome::accepted, "SHREP sent");
  } else {
    core_.record_refusal(in, result.status);
  }
  store_answer(message, std::move(result), in.now);
}

void PreviousRouter::on_shrep_ack(const IncomingMessage& in) {
  // The contexts stay for CONTEXT_SAVE_TIME (FRAME-5.1-3).
  if (!core_.faulty(Fault::purged_when_acknowledged)) return;
  const auto paddr = in.address(F::paddr);
  const auto number = paddr ? core_.description.number_of(*paddr) : std::nullopt;
  if (number && in.decoded.number(F::all_received) == 1) states_[*number].purge = in.now;
}

void PreviousRouter::store_answer(const Octets& message, Answer result, Time now) {
  if (answers_.size() >= core_.limits.answers) {
    const auto oldest = answered_until_.take_due(UINT64_MAX);
    answers_.erase(*oldest);
    core_.statistics.add(Count::answers_full);
  }
  answers_.insert_or_assign(message, std::move(result));
  answered_until_.set(message, now + core_.timers.context_purge);
}

void PreviousRouter::answer(const IncomingMessage& in, const Answer& result) {
  const auto& points = core_.description.codepoints;
  if (core_.faulty(Fault::failure_unanswered) && result.status != status::ok) return;
  auto contexts = result.contexts;
  const auto paddr = *in.address(F::paddr);
  if (core_.faulty(Fault::failure_with_contexts) && result.status != status::ok) {
    if (const auto number = core_.description.number_of(paddr)) {
      contexts = core_.description.mobile_node(*number, Role::pr).transferable();
    }
  }
  for (auto& context : contexts) override_handed_over(core_.behaviour, context);
  auto parts = split_contexts(points, contexts, stat_octets);
  if (core_.varies(Variation::one_context_each)) parts = one_each(contexts);
  if (core_.faulty(Fault::no_continuation)) parts.resize(1);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto subs = core_.varies(Variation::one_rep_each) ? one_rep_each(points, parts[i])
                                                      : rep_nodes(points, parts[i]);
    if (core_.faulty(Fault::one_rep_only) && subs.size() > 1) subs.resize(1);
    const bool last = i + 1 == parts.size();
    const bool silent = core_.varies(Variation::no_stat_200) && result.status == status::ok;
    if (last && !silent) subs.push_back(core_.stat(result.status));
    core_.send_to_peer(
        in.datagram.source, true,
        message_node(Message::shrep,
                     {{F::identifier, in.identifier()},
                      context_option(points, CodePoint::icmpopt_shrep, *in.address(F::naddr), paddr,
                                     std::move(subs))}));
  }
}

void PreviousRouter::advance(Time now) {
  while (const auto message = answered_until_.take_due(now)) answers_.erase(*message);
  initiator_.advance(now);
}

std::optional<Time> PreviousRouter::deadline() const {
  return earlier(answered_until_.first(), initiator_.deadline());
}

}  // namespace secct::replay
