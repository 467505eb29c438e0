// SPDX-License-Identifier: GPL-2.0-or-later
// Timers of a router (docs/behaviour.md section 1).
#pragma once

#include "protocol/time.hpp"

namespace secct {

struct Timers {
  Time shreq_rexmit = seconds(1);
  unsigned shreq_retries = 3;
  Time context_save = seconds(2);
  Time context_purge = seconds(5);
  Time grat_shrep = seconds(3);
  Time kept_shrep = 2 * seconds(3);  // of a U-SHREP: twice GRAT_SHREP_TIME, behaviour 2.2
  Time hi_rexmit = milliseconds(100);
  unsigned hi_retries = 4;

  // All times multiplied by `scale`.
  static Timers scaled(double scale) {
    Timers timers;
    for (auto* time : {&timers.shreq_rexmit, &timers.context_save, &timers.context_purge,
                       &timers.grat_shrep, &timers.kept_shrep, &timers.hi_rexmit}) {
      *time = static_cast<Time>(static_cast<double>(*time) * scale);
    }
    return timers;
  }
};

}  // namespace secct
