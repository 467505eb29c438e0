// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/judge.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include <fmt/format.h>

#include "ipsec/crypto.hpp"
#include "protocol/decode/keyed_input.hpp"

namespace secct::replay {
namespace {

using F = Field;
using Kind = HandoverKey::Kind;

// The clocks of the capturing host and of the sender may differ by a tenth.
Time shortest(Time interval) { return interval - interval / 10; }

std::size_t hash_of(View octets) {
  return std::hash<std::string_view>{}(
      {reinterpret_cast<const char*>(octets.data()), octets.size()});
}

}  // namespace

ConversationJudge::ConversationJudge(const CodePoints& codepoints,
                                     const RouterDescription* description, double timing_scale,
                                     HandoverTable& handovers)
    : codepoints_(codepoints),
      description_(description),
      timers_(Timers::scaled(timing_scale)),
      handovers_(handovers) {}

TrackedHandover* ConversationJudge::judge(const DecodedMessage& decoded,
                                          const DecapsulatedPacket& packet, std::uint64_t frame,
                                          Time now, std::vector<Failure>& failures) {
  CurrentMessage current{decoded,
                         packet,
                         frame,
                         now,
                         failures,
                         hash_of(decoded.octets),
                         *decoded.envelope.source,
                         *decoded.envelope.destination,
                         static_cast<std::uint16_t>(decoded.number(F::identifier).value_or(0))};
  const auto dispatch = [&]() -> TrackedHandover* {
    switch (decoded.message) {
      case Message::pshin: return pshin(current);
      case Message::hi: return hi(current);
      case Message::hack: return hack(current);
      case Message::shin: return shin(current);
      case Message::shreq: return shreq(current);
      case Message::shrep: return shrep(current);
      case Message::shrep_ack: return shrep_ack(current);
      case Message::shak: return shak(current);
      case Message::mip4_request: return shin(current);
      case Message::mip4_reply: return registration_reply(current);
      default: return nullptr;
    }
  };
  auto* handover = dispatch();
  if (handover == nullptr) return nullptr;
  if (handover->first_frame == 0) handover->first_frame = frame;
  handovers_.mark_active(*handover, now);
  return handover;
}

// The open handover of `paddr`. A new one if there is none, unless the message repeats one of the
// last handover: `hash_in` returns the hash of the message of this kind.
TrackedHandover& ConversationJudge::find_or_create(const CurrentMessage& current,
                                                   const Address& paddr,
                                                   std::size_t (*hash_in)(const TrackedHandover&)) {
  auto* last = handovers_.find({Kind::paddr, 0, paddr, {}});
  if (last != nullptr && (!last->closed || hash_in(*last) == current.hash)) return *last;
  auto& handover = handovers_.create(current.now);
  handover.paddr = paddr;
  handovers_.add_key(handover, {Kind::paddr, 0, paddr, {}});
  return handover;
}

// True if the message has the octets of `request`; checks the interval and the number of
// retransmissions.
bool ConversationJudge::is_retransmission(CurrentMessage& current, SeenMessage& request,
                                          Conversation too_soon, Conversation too_often,
                                          Time interval, unsigned retries) {
  if (request.frame == 0 || request.hash != current.hash) return false;
  const auto since = current.now - std::min(current.now, request.last);
  if (!request.answered && since < shortest(interval)) {
    current.report(too_soon, fmt::format("{:.3f} s later", static_cast<double>(interval) / 1e9),
                   fmt::format("{:.3f} s", static_cast<double>(since) / 1e9));
  }
  if (++request.sent == retries + 2) {
    current.report(too_often, fmt::format("{} retransmissions", retries),
                   fmt::format("{}", request.sent - 1));
  }
  request.last = current.now;
  return true;
}

// Only the router description has the key of the token.
bool ConversationJudge::is_token_wrong(CurrentMessage& current, const TrackedHandover& handover,
                                       Conversation rule) {
  if (description_ == nullptr) return false;
  const auto replay = current.decoded.number(F::auth_replay);
  const auto token = current.decoded.number(F::auth_token);
  const auto paddr = token_paddr(current.decoded);
  if (!replay || !token || !paddr) return false;
  const auto number = description_->number_of(*paddr);
  if (!number) return false;
  auto features = token_features(codepoints_, current.decoded);
  if (!features) return false;
  // The token of a U-SHREP that a P-SHIN requested covers the sub-options of the P-SHIN.
  if (current.decoded.message == Message::hi && !handover.pshin_features.empty()) {
    features = handover.pshin_features;
  }
  const auto expected = compute_token(description_->token_key_of(*number), *features,
                                      static_cast<std::uint8_t>(*replay), *paddr);
  if (expected == *token) return false;
  current.report(rule, hex(expected), hex(static_cast<std::uint32_t>(*token)));
  return true;
}

}  // namespace secct::replay
