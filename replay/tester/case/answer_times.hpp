// SPDX-License-Identifier: GPL-2.0-or-later
// How long the tester waits for answers. No document limits the time in which a router answers, so
// that these are choices of the tester.
#pragma once

#include "protocol/time.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// An answer that a step expects within this time, in seconds times timing_scale, is one that the
// router sends at once. A router that answers within it is slow, not wrong.
constexpr double prompt_answer = 0.5;

// A message has this time to arrive even if timing_scale makes the timers shorter.
constexpr Time shortest_wait = milliseconds(500);

// The same for an answer over a network, where either machine may be busy.
constexpr Time least_answer_time = seconds(1);

}  // namespace secct::replay
