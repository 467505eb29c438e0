// SPDX-License-Identifier: GPL-2.0-or-later
// One case at work: the tester plays the mobile node and the other router for one handover.
#pragma once

#include <functional>
#include <optional>

#include "generator/handover.hpp"
#include "replay/observed.hpp"
#include "replay/suite.hpp"

namespace secct {

class CaseRun {
 public:
  using Send = std::function<void(Octets datagram)>;

  // `mutated` runs the case with its mutation. The handover is the run's own mobile node.
  CaseRun(const Case& c, bool mutated, Handover handover, double scale, Send send);

  void start(Time now);
  void receive(const Observed& seen, Time now);
  void advance(Time now);  // deadlines
  std::optional<Time> deadline() const;
  bool done() const { return done_; }
  CaseResult take();

  const Handover& handover() const { return handover_; }
  const Keyring& keys() const { return keys_; }

 private:
  struct Open {  // an expectation that waits for its message
    const CaseStep* step;
    Time since;
    Time until;
  };

  void proceed(Time now);
  void open(const CaseStep& step, Time now);
  bool fits(const Open& open, const Observed& seen, const Octets& message) const;
  void edit(const Edit& edit, PacketDocument& packet) const;
  void remember(const CaseStep& step, const Octets& datagram);
  void send(const CaseStep& step, Time now);
  void send_echo(const CaseStep& step, Time now);
  void match(const CaseStep& step, const Observed& seen);
  bool match_field(const CaseStep& step, const FieldCheck& check, const Observed& seen);
  bool match_under(const CaseStep& step, const Observed& seen);
  std::size_t number_of(const CaseStep& step) const;
  void compared(const CaseStep& step, std::string_view what, std::string expected,
                std::string actual, bool good);
  void fail(const CaseStep* step, Failure failure);
  void finish(Time now, Verdict verdict);
  std::vector<std::string> values_of(const std::string& text) const;
  Time scaled(double seconds) const;

  const Case& case_;
  std::vector<CaseStep> steps_;
  std::optional<std::size_t> mutated_step_;
  Handover handover_;
  Keyring keys_;
  double scale_;
  Send send_;
  std::size_t next_ = 0;
  std::vector<Open> open_;
  std::optional<Time> quiet_until_;  // nothing may come before
  std::optional<Time> wait_until_;
  Octets sent_shin_;
  std::optional<std::uint64_t> sent_identifier_;  // of the last message sent
  std::optional<std::uint32_t> first_token_;      // of what was sent
  std::uint32_t last_sequence_ = 0;               // of the AH of what was sent
  std::vector<Octets> seen_;  // messages already judged: repetitions are no surprise
  bool done_ = false;
  Time started_ = 0;
  CaseResult result_;
};

}  // namespace secct
