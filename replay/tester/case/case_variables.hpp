// SPDX-License-Identifier: GPL-2.0-or-later
// The variables of a case: those of its handover, and those whose values exist only while it runs
// (docs/cases.md, "Variables").
#pragma once

#include "generator/handover/handover_variables.hpp"
#include "replay/namespace.hpp"
#include "replay/tester/case/case_state.hpp"
#include "replay/tester/case/mobile_node_state.hpp"

namespace secct::replay {

// The objects from which variables and predicates take their values.
struct VariableContext {
  const Handover& handover;
  const MobileNodeState& mobile_node;
  const CaseState& state;
};

// The objects of `context` must outlive the result.
Variables case_variables(const VariableContext& context);

}  // namespace secct::replay
