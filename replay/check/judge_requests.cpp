// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of messages that start an exchange: P-SHIN, HI, SHIN, Registration Request, SHREQ.
#include "protocol/decode/keyed_input.hpp"
#include "replay/check/judge.hpp"

namespace secct::replay {
namespace {

using F = Field;
using Kind = HandoverKey::Kind;

}  // namespace

TrackedHandover* ConversationJudge::pshin(CurrentMessage& current) {
  auto& handover = find_or_create(current, current.source,
                                  [](const TrackedHandover& last) { return last.pshin_hash; });
  handover.pshin_hash = current.hash;
  handover.pshin_features = sub_option_octets(current.decoded);
  return &handover;
}

TrackedHandover* ConversationJudge::hi(CurrentMessage& current) {
  const auto paddr = paddr_of(current.decoded);
  if (!paddr) return nullptr;
  auto& handover =
      find_or_create(current, *paddr, [](const TrackedHandover& last) { return last.hi.hash; });
  if (is_retransmission(current, handover.hi, Conversation::hi_soon, Conversation::hi_often,
                        timers_.hi_rexmit, timers_.hi_retries)) {
    return &handover;
  }
  handover.hi = current.seen();
  handover.stateful = current.decoded.number(F::flag_s).value_or(0) != 0;
  handover.hi_after_shreq = handover.shreq.frame != 0;
  handover.ushrep_authentication = replay_and_token(current.decoded);
  if (const auto naddr = address_in(current.decoded, F::naddr); naddr && !is_unspecified(*naddr)) {
    handover.naddr = *naddr;
    handovers_.add_key(handover, {Kind::naddr, 0, *naddr, {}});
  }
  handovers_.add_key(handover, {Kind::hi, current.identifier, current.source, current.destination});
  handovers_.add_key(handover, {Kind::routers, 0, current.source, current.destination});
  handover.expected_status = 0;
  handover.unacknowledged.clear();
  check_contexts(current, handover, Conversation::clear_ushrep);
  static_cast<void>(is_token_wrong(current, handover, Conversation::ushrep_token_wrong));
  return &handover;
}

TrackedHandover* ConversationJudge::shin(CurrentMessage& current) {
  const auto paddr = paddr_of(current.decoded);
  if (!paddr) return nullptr;
  auto& handover =
      find_or_create(current, *paddr, [](const TrackedHandover& last) { return last.shin.hash; });
  if (handover.shin.frame != 0 && handover.shin.hash == current.hash) return &handover;
  handover.shin = current.seen();
  handover.is_mip4 = current.decoded.message == Message::mip4_request;
  handover.nr = current.destination;
  handover.shin_features = octets_of(from_auth(current.decoded));
  handovers_.add_key(handover, {Kind::naddr, 0, current.source, {}});
  if (!handover.is_mip4) handover.naddr = current.source;
  handover.token_differs = handover.ushrep_authentication && handover.shreq.frame == 0 &&
                           replay_and_token(current.decoded) != handover.ushrep_authentication;
  handover.token_wrong = is_token_wrong(current, handover, Conversation::token_wrong);
  return &handover;
}

TrackedHandover* ConversationJudge::shreq(CurrentMessage& current) {
  const auto paddr = address_in(current.decoded, F::paddr);
  const auto naddr = address_in(current.decoded, F::naddr);
  if (!paddr || !naddr) return nullptr;
  // If no handover has this Paddr, the new router may have changed it: Naddr identifies the SHIN.
  TrackedHandover* other_paddr = nullptr;
  if (handovers_.find({Kind::paddr, 0, *paddr, {}}) == nullptr) {
    auto* candidate = handovers_.find({Kind::naddr, 0, *naddr, {}});
    const bool awaits_shreq = candidate != nullptr && !candidate->closed &&
                              candidate->shin.frame != 0 && candidate->shreq.frame == 0;
    if (awaits_shreq) other_paddr = candidate;
  }
  auto& handover = other_paddr != nullptr
                       ? *other_paddr
                       : find_or_create(current, *paddr, [](const TrackedHandover& last) {
                           return last.shreq.hash;
                         });
  if (other_paddr != nullptr) {
    current.expect_address(Conversation::shreq_paddr, handover.paddr, paddr);
  }
  if (is_retransmission(current, handover.shreq, Conversation::shreq_soon,
                        Conversation::shreq_often, timers_.shreq_rexmit, timers_.shreq_retries)) {
    return &handover;
  }
  handover.shreq = current.seen();
  handover.shreq_naddr = *naddr;
  handover.requested_spis = numbers_in(current.decoded, F::req_spi);
  handover.expected_status = 0;
  handover.context_received = false;
  handover.unacknowledged.clear();
  handovers_.add_key(handover, {Kind::naddr, 0, *naddr, {}});
  handovers_.add_key(handover,
                     {Kind::shreq, current.identifier, current.source, current.destination});
  handovers_.add_key(handover, {Kind::routers, 0, current.destination, current.source});
  if (handover.shin.frame != 0) {
    if (auto failure = compare_verbatim(handover.shin_features, current.decoded)) {
      current.failures.push_back(std::move(*failure));
    }
    // Naddr of a Registration Request has other rules (behaviour.md 5).
    if (!handover.is_mip4) {
      current.expect_address(Conversation::shreq_naddr, handover.shin.from, naddr);
    }
  } else {
    handover.token_wrong = is_token_wrong(current, handover, Conversation::token_wrong);
  }
  if (is_unspecified(handover.naddr)) handover.naddr = *naddr;
  return &handover;
}

}  // namespace secct::replay
