// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the handover of a message and holds the message against what came before.
#pragma once

#include "generator/description/router_description.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/check/handovers.hpp"
#include "replay/inspect/conversation.hpp"
#include "replay/inspect/decapsulate.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class ConversationJudge {
 public:
  ConversationJudge(const CodePoints& codepoints, const RouterDescription* description,
                    double timing_scale, HandoverTable& flows);

  // Appends to `found` what is wrong with the message on `decoded`; returns its handover, nullptr
  // when nothing tells which one that is.
  Flow* judge(const DecodedMessage& decoded, const DecapsulatedPacket& packet, std::uint64_t frame,
              Time now, std::vector<Failure>& found);

 private:
  struct Context;  // the message at hand

  Flow& begin_or_go_on(const Context& at, const Address& paddr,
                       std::size_t (*hash_in)(const Flow&));
  static bool repeats(Context& at, Asked& asked, Conversation soon, Conversation often,
                      Time interval, unsigned retries);

  Flow* pshin(Context& at);
  Flow* hi(Context& at);
  Flow* hack(Context& at);
  Flow* shin(Context& at);
  Flow* shreq(Context& at);
  Flow* shrep(Context& at);
  Flow* shrep_ack(Context& at);
  Flow* shak(Context& at);
  Flow* registration_reply(Context& at);

  static void acknowledgment(Context& at, Flow& flow);
  void contexts(Context& at, Flow& flow, Conversation in_clear);
  static void status(Context& at, Flow& flow);
  static void changes(Context& at, Flow& flow);
  bool token_is_wrong(Context& at, const Flow& flow, Conversation rule);

  const CodePoints& codepoints_;
  const RouterDescription* description_;
  Timers timers_;
  HandoverTable& flows_;
};

}  // namespace secct::replay
