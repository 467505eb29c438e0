// SPDX-License-Identifier: GPL-2.0-or-later
// A scenario for the mobile nodes of one router description.
#pragma once

#include "generator/namespace.hpp"
#include "generator/scenario/scenario_table.hpp"

namespace secct::generator {

// The scenario with the SAs of this description: `conflict_sa` and halves of the contexts are
// replaced by indices, contexts that do not fit into one message are distributed over several
// (wire-format.md section 4), each with its answer, and data is left out for which the mobile nodes
// have no SA or too few sequence numbers. UsageError if the mobile nodes do not have the SAs that
// the scenario needs.
ScenarioRow adapted_row(ScenarioRow row, const RouterDescription& description);

}  // namespace secct::generator
