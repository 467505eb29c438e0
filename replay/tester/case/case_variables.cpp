// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/case_variables.hpp"

#include <fmt/format.h>

namespace secct::replay {

Variables case_variables(const VariableContext& context) {
  using Values = Variables::Values;
  auto variables = handover_variables(context.handover);
  variables.add("$identifier", [&handover = context.handover, &state = context.state] {
    return Values{std::to_string(state.identifier.value_or(handover.identifier()))};
  });
  variables.add("$last-sequence",
                [&state = context.state] { return Values{std::to_string(state.last_sequence)}; });
  variables.add_numbered("$token", [&state = context.state] {
    Values tokens;
    for (const auto token : state.tokens) tokens.push_back(fmt::format("0x{:08x}", token));
    return tokens;
  });
  return variables;
}

}  // namespace secct::replay
