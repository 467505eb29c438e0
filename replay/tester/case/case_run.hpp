// SPDX-License-Identifier: GPL-2.0-or-later
// One run of the steps of a case: the tester plays the mobile node and the other router of one
// handover.
#pragma once

#include <functional>
#include <optional>

#include "generator/handover/handover.hpp"
#include "replay/inspect/received_packet.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"
#include "replay/tester/case/case_variables.hpp"
#include "replay/tester/case/message_history.hpp"
#include "replay/tester/case/step_matcher.hpp"
#include "replay/tester/case/step_packets.hpp"

namespace secct::replay {

// How a run reaches the router under test.
struct RouterAccess {
  std::function<void(Octets datagram)> send;
  // Makes the router start a handover of this mobile node; false if that is not possible.
  std::function<bool(std::uint32_t mobile_node)> trigger;
  // An Identifier that no other exchange uses.
  std::function<std::uint16_t()> new_identifier;
  // The time, if it passes while a packet is sent; may be empty.
  std::function<Time()> now = {};
};

struct RunTiming {
  double scale = 1;  // factor for all times of the case
  // The longest round trip that was measured: added to the time in which a packet must arrive, and
  // subtracted from the time before which it must not arrive.
  Time round_trip = 0;
  // Wall-clock time, whatever `scale` is: a router and a tester on busy machines need it. A message
  // that must arrive has at least `answer`; all times have a tolerance of `jitter`.
  Time answer = 0;
  Time jitter = 0;
};

class CaseRun {
 public:
  // Runs the case itself, if `mutated`, or its control. `handover` is that of a mobile node that no
  // other run uses. The case must outlive the run.
  CaseRun(const Case& c, bool mutated, Handover handover, RunTiming timing, RouterAccess router);
  CaseRun(const CaseRun&) = delete;
  CaseRun& operator=(const CaseRun&) = delete;

  void start(Time now);
  void receive(const ReceivedPacket& packet, Time now);
  void advance(Time now);                // call at deadline()
  std::optional<Time> deadline() const;  // std::nullopt if the run is done
  bool done() const { return done_; }
  // Ends the run with a verdict, unless it is done.
  void abandon(Time now, Verdict verdict, std::string text);
  CaseResult take_result() { return std::move(result_); }

  const Handover& handover() const { return handover_; }
  const Keyring& keys() const { return mobile_node_.keys(); }
  // True if a step waits for the message with this name.
  bool waits_for(std::string_view message) const;
  // True if the run ended because the router did not answer.
  bool unanswered() const { return unanswered_; }
  // The longest time that the router needed for an answer.
  Time response_time() const { return response_time_; }
  // True if the run ended because a message was missing, too early or too late: a loss of packets
  // or a busy machine may be the reason.
  bool time_failed() const { return time_failed_; }

 private:
  // A message with some of the contexts that a step expects. `decoded` refers to `octets`.
  struct PartialAnswer {
    Octets octets;
    DecodedMessage decoded;
  };
  // A step that waits for a packet.
  struct PendingStep {
    const CaseStep* step;
    Time since;
    Time until;
    std::size_t group;  // alternatives are in one group: one of their messages must arrive
    std::vector<PartialAnswer> partial_answers;
    std::optional<MatchResult> mismatch;  // of the last packet that could have been the answer
  };

  // Sending.
  std::optional<std::uint16_t> other_identifier(const CaseStep& step,
                                                const StepPackets& packets) const;
  void send(const CaseStep& step, Time now);
  void send_once(const CaseStep& step, Time now);
  void send_traffic(const CaseStep& step, Time now);
  void send_packets(const CaseStep& step, StepPackets packets, const std::string& comment,
                    Time now);
  void send_datagram(const CaseStep& step, Octets datagram, const std::string& comment, Time now);

  // The order of the steps.
  void proceed(Time now);
  void execute(const CaseStep& step, Time now);
  void wait_for_packet(const CaseStep& step, Time now);
  void expect_silence(const CaseStep& step, Time now);

  // Packets of the router.
  bool is_candidate(const PendingStep& pending, const ReceivedPacket& packet, View message) const;
  bool is_always_permitted(const ReceivedPacket& packet) const;
  bool is_further_shak(const ReceivedPacket& packet) const;
  bool others_wait(const PendingStep& pending, Time now) const;
  bool may_have_crossed(Time now) const;
  void check_sequence_continues(const ReceivedPacket& packet);
  void receive_continuation(const ReceivedPacket& packet, View message, Time now);
  void receive_unexpected(const ReceivedPacket& packet, View message, Time now);
  bool receive_expected(PendingStep& pending, const ReceivedPacket& packet, Time now);
  void receive_traffic(const CaseStep& step, const ReceivedPacket& packet);
  MatchResult match_with_partial_answers(const PendingStep& pending,
                                         const ReceivedPacket& packet) const;

  bool waits_for_required() const;  // for a message that is not optional
  std::size_t index_of(const CaseStep& step) const;
  void fail(const CaseStep* step, Failure failure, bool lenient = false);
  void record(const CaseStep& step, MatchResult result);
  void end_with_tool_error(const CaseStep& step, const UsageError& error, Time now);
  void finish(Time now, Verdict verdict);
  VariableContext variables() const { return {handover_, mobile_node_, state_}; }
  Time scaled(double seconds) const;
  Time time_to_arrive(const CaseStep& step) const;
  // The later one of `time` and the present time.
  Time present(Time time) const;

  const Case& case_;
  std::vector<CaseStep> steps_;
  std::optional<std::size_t> mutated_step_;
  Handover handover_;
  MobileNodeState mobile_node_;
  RunTiming timing_;
  RouterAccess router_;
  std::size_t next_step_ = 0;
  std::vector<PendingStep> pending_;
  std::size_t groups_ = 0;                 // of pending steps
  const CaseStep* silent_step_ = nullptr;  // no packet may arrive before silent_until_
  Time silent_until_ = 0;
  std::optional<Time> wait_until_;
  bool ignores_packets_ = false;  // until wait_until_
  CaseState state_;
  std::size_t packets_sent_ = 0;  // and handovers triggered
  Time sent_at_ = 0;
  Octets last_sent_;
  bool request_sent_ = false;  // a HI or SHREQ
  bool shak_received_ = false;
  bool continued_ = false;  // a transfer of the tester consists of several messages
  MessageHistory history_;
  const CaseStep* acknowledgement_ = nullptr;  // the last step that was sent, if it is one
  std::vector<std::string> overdue_;           // optional messages that did not arrive in time
  bool done_ = false;
  bool unanswered_ = false;
  bool time_failed_ = false;
  Time response_time_ = 0;
  Time started_ = 0;
  CaseResult result_;
};

}  // namespace secct::replay
