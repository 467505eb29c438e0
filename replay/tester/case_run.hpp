// SPDX-License-Identifier: GPL-2.0-or-later
// One case at work: the tester plays the mobile node and the other router for one handover.
#pragma once

#include <functional>
#include <optional>

#include "generator/handover/handover.hpp"
#include "replay/inspect/received_packet.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"
#include "replay/tester/case_variables.hpp"
#include "replay/tester/mobile_node.hpp"
#include "replay/tester/step_matcher.hpp"

namespace secct::replay {

// How a run reaches the router.
struct RunEnds {
  std::function<void(Octets datagram)> send;
  // Makes the router start a handover of this mobile node; false when nobody can.
  std::function<bool(std::uint32_t mobile_node)> trigger;
};

// Times of a run: every one of a case is multiplied by `scale`; `slack` is the round trip, added to
// what may come late and allowed to what may come early.
struct RunTimes {
  double scale = 1;
  Time slack = 0;
};

class CaseRun {
 public:
  // `mutated` runs the case with its mutation. The handover is the run's own mobile node.
  CaseRun(const Case& c, bool mutated, Handover handover, RunTimes times, RunEnds ends);
  CaseRun(const CaseRun&) = delete;
  CaseRun& operator=(const CaseRun&) = delete;

  void start(Time now);
  void receive(const ReceivedPacket& seen, Time now);
  void advance(Time now);  // deadlines
  std::optional<Time> deadline() const;
  bool done() const { return done_; }
  // Ends a run that cannot go on.
  void abandon(Time now, Verdict verdict, std::string text);
  CaseResult take();

  const Case& test() const { return case_; }
  const Handover& handover() const { return handover_; }
  const Keyring& keys() const { return mobile_.keys(); }
  // True when a message of this name would be expected now.
  bool waits_for(std::string_view name) const;
  // The run ended because nothing came.
  bool unanswered() const { return unanswered_; }

 private:
  struct Part {  // a message that does not meet an expectation alone; the tape views the octets
    Octets octets;
    DecodedMessage decoded;
  };
  struct Open {  // an expectation that waits for its message
    const CaseStep* step;
    Time since;
    Time until;
    std::vector<Part> parts;         // what came so far and may be continued
    std::optional<Judgement> unmet;  // what was wrong with it
  };
  struct Judged {  // a message that came before
    Octets message;
    std::size_t sends;  // how many packets the tester had sent by then
    Octets transfer;    // of one with contexts: what its continuations have in common with it
  };

  void proceed(Time now);
  void act(const CaseStep& step, Time now);
  void open(const CaseStep& step, Time now);
  bool fits(const Open& open, const ReceivedPacket& seen, const Octets& message) const;
  bool was_judged(const Octets& message) const;
  bool continues_another(const ReceivedPacket& seen) const;
  Judgement judge_parts(const Open& open, const ReceivedPacket& seen) const;
  bool may_always_come(const ReceivedPacket& seen) const;
  void goes_on(const ReceivedPacket& seen);
  void surprise(const ReceivedPacket& seen, const Octets& message, Time now);
  // False when the expectation goes on waiting.
  bool answer(Open& found, const ReceivedPacket& seen, Octets message, Time now);
  PacketDocument message_of(const CaseStep& step);
  void remember(const CaseStep& step, const Octets& datagram);
  void send(const CaseStep& step, Time now);
  void send_traffic(const CaseStep& step, Time now);
  void emit(const CaseStep& step, const PacketDocument& packet, const Keyring& keys,
            const std::string& comment, Time now);
  void put(const CaseStep& step, Octets datagram, const std::string& comment, Time now);
  std::size_t number_of(const CaseStep& step) const;
  void fail(const CaseStep* step, Failure failure, bool lenient = false);
  void finish(Time now, Verdict verdict);
  VariableContext words() const { return {handover_, mobile_, memory_}; }
  Time scaled(double seconds) const;

  const Case& case_;
  std::vector<CaseStep> steps_;
  std::optional<std::size_t> mutated_step_;
  Handover handover_;
  Mobile mobile_;
  RunTimes times_;
  RunEnds ends_;
  std::size_t next_ = 0;
  std::vector<Open> open_;
  const CaseStep* quiet_ = nullptr;  // no packet may come before quiet_until_
  Time quiet_until_ = 0;
  std::optional<Time> wait_until_;
  bool anything_ = false;  // whatever comes while it waits is passed over
  Memory memory_;
  std::size_t sends_ = 0;
  Time sent_at_ = 0;
  Octets last_sent_;
  std::vector<Judged> judged_;  // repetitions are no surprise
  bool done_ = false;
  bool unanswered_ = false;
  Time started_ = 0;
  CaseResult result_;
};

}  // namespace secct::replay
