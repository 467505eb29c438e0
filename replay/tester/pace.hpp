// SPDX-License-Identifier: GPL-2.0-or-later
// Limits the load that the tester puts on the router under test: the number of cases in flight and
// the rate of packets. Both are reduced while packets are lost.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>

#include "protocol/time.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class Pace {
 public:
  // `jobs`: cases in flight, 0 = any number; `rate`: packets per second, 0 = any rate.
  Pace(std::size_t jobs, double rate, Time start_interval = 0)
      : jobs_(jobs), rate_(rate), start_interval_(start_interval) {}

  // Whether another case may start while `active` cases are in flight. `repeated`: the case had no
  // answer before, and runs again among few others.
  bool may_start(std::size_t active, bool repeated) const;
  // The time before which the next packet must not be sent, which may be in the past. A burst of a
  // few packets is permitted.
  Time next_packet() const;
  // The time before which no case should start. It leaves the burst to the cases in flight, whose
  // messages the router expects soon.
  Time next_start() const { return std::max(rate_ > 0 ? next_ : 0, next_case_); }
  // Starts are `start_interval` apart, so that the answers to different cases do not delay each
  // other.
  void case_started(Time now) { next_case_ = now + start_interval_; }
  void packet_sent(Time now);

  // Records the end of a case; `unanswered`: the router did not answer. If that is so for many of
  // the last cases, halves both limits.
  void case_ended(bool unanswered);
  // A case that had no answer was answered when it was repeated: a packet was lost.
  void packet_lost() { ++lost_; }

  std::size_t lost() const { return lost_; }
  // What was used, for the report: "at most 32 cases in flight, at most 500 packets/s".
  std::string text() const;

 private:
  void slow_down();

  std::size_t jobs_;
  double rate_;
  Time start_interval_;
  Time next_case_ = 0;
  Time next_ = 0;            // when the next packet is due, if packets are sent at the rate
  std::deque<bool> recent_;  // whether the last cases were unanswered
  std::size_t lost_ = 0;
  std::size_t reductions_ = 0;
};

}  // namespace secct::replay
