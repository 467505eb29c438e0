// SPDX-License-Identifier: GPL-2.0-or-later
// Times and limits of a router (docs/behaviour.md section 1), in nanoseconds.
#pragma once

#include <cstddef>
#include <cstdint>

#include "replay/namespace.hpp"

namespace secct::replay {

using Time = std::uint64_t;  // nanoseconds since some start

constexpr Time milliseconds(std::uint64_t n) { return n * 1000000; }
constexpr Time seconds(std::uint64_t n) { return n * 1000000000; }

struct Timers {
  Time shreq_rexmit = seconds(1);
  unsigned shreq_retries = 3;
  Time context_save = seconds(2);
  Time context_purge = seconds(5);
  Time grat_shrep = seconds(3);
  Time kept_shrep = 2 * seconds(3);  // a U-SHREP: behaviour 2.2, gone after twice GRAT_SHREP_TIME
  Time hi_rexmit = milliseconds(100);
  unsigned hi_retries = 4;

  static Timers scaled(double scale) {
    Timers timers;
    for (auto* time : {&timers.shreq_rexmit, &timers.context_save, &timers.context_purge,
                       &timers.grat_shrep, &timers.kept_shrep, &timers.hi_rexmit}) {
      *time = static_cast<Time>(static_cast<double>(*time) * scale);
    }
    return timers;
  }
};

// What a router keeps at most. What is answered when there is no room: docs/decisions.md.
struct Limits {
  std::size_t kept_contexts = 65536;     // U-SHREPs that wait for their SHIN
  std::size_t pending_requests = 32768;  // SHREQs that wait for their SHREP or had one just now
  std::size_t mobile_nodes = 65536;      // with SAs installed
  std::size_t answers = 65536;           // remembered, so that a repetition gets the same one
  std::size_t replies = 32;              // SHREPs of one transfer
};

}  // namespace secct::replay
