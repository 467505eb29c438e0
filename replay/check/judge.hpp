// SPDX-License-Identifier: GPL-2.0-or-later
// Assigns each message of a capture to its handover and compares it with the earlier messages of
// the handover, by the rules of conversation.def.
#pragma once

#include "generator/description/router_description.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/check/current_message.hpp"
#include "replay/check/handovers.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class ConversationJudge {
 public:
  // All references must outlive the object. `description` supplies token keys and policies; without
  // it (nullptr) tokens and confidentiality are not judged. `timing_scale` multiplies all timers.
  ConversationJudge(const CodePoints& codepoints, const RouterDescription* description,
                    double timing_scale, HandoverTable& handovers);

  // Appends a failure for each rule that the message violates. Returns its handover; nullptr if the
  // message cannot be assigned to one. `packet` is the packet of the message, `frame` its number.
  TrackedHandover* judge(const DecodedMessage& decoded, const DecapsulatedPacket& packet,
                         std::uint64_t frame, Time now, std::vector<Failure>& failures);

 private:
  TrackedHandover& find_or_create(const CurrentMessage& current, const Address& paddr,
                                  std::size_t (*hash_in)(const TrackedHandover&));
  static bool is_retransmission(CurrentMessage& current, SeenMessage& request,
                                Conversation too_soon, Conversation too_often, Time interval,
                                unsigned retries);
  bool is_token_wrong(CurrentMessage& current, const TrackedHandover& handover, Conversation rule);

  // Requests: judge_requests.cpp.
  TrackedHandover* pshin(CurrentMessage& current);
  TrackedHandover* hi(CurrentMessage& current);
  TrackedHandover* shin(CurrentMessage& current);  // or a Registration Request
  TrackedHandover* shreq(CurrentMessage& current);

  // Replies between the routers: judge_replies.cpp.
  TrackedHandover* hack(CurrentMessage& current);
  TrackedHandover* shrep(CurrentMessage& current);
  TrackedHandover* shrep_ack(CurrentMessage& current);
  void check_contexts(CurrentMessage& current, TrackedHandover& handover, Conversation in_clear);
  static void check_acknowledgment(CurrentMessage& current, TrackedHandover& handover);

  // Reports to the mobile node: judge_results.cpp.
  TrackedHandover* shak(CurrentMessage& current);
  TrackedHandover* registration_reply(CurrentMessage& current);
  static void check_status(CurrentMessage& current, const TrackedHandover& handover);
  static void check_changes(CurrentMessage& current, const TrackedHandover& handover);

  const CodePoints& codepoints_;
  const RouterDescription* description_;
  Timers timers_;
  HandoverTable& handovers_;
};

}  // namespace secct::replay
