// SPDX-License-Identifier: GPL-2.0-or-later
// Case variables: names such as $naddr, $spi1 and $token1 that stand for values of the case's
// handover (docs/cases.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replay/namespace.hpp"
#include "replay/tester/case/case_state.hpp"
#include "replay/tester/case/mobile_node_state.hpp"

namespace secct::replay {

// The objects from which variables take their values.
struct VariableContext {
  const Handover& handover;
  const MobileNodeState& mobile_node;
  const CaseState& state;
};

// The values of the variable `text`, one or more; `text` itself if it does not begin with '$'.
// Throws UsageError if there is no such variable or it has no value in this case, with the nearest
// name.
std::vector<std::string> values_of(const std::string& text, const VariableContext& context);

}  // namespace secct::replay
