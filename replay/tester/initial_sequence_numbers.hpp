// SPDX-License-Identifier: GPL-2.0-or-later
// The AH and ESP sequence numbers at which the tester starts.
#pragma once

#include "generator/description/router_description.hpp"
#include "protocol/time.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// Sets the first sequence number of each SA from the tester for which the description has none, so
// that it is higher than all numbers of earlier runs (docs/cli.md, "Sequence numbers"). `now` is in
// nanoseconds since 1970; does nothing in virtual time.
void set_initial_sequence_numbers(RouterDescription& description, Time now);

}  // namespace secct::replay
