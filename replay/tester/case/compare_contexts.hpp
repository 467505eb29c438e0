// SPDX-License-Identifier: GPL-2.0-or-later
// Compares the contexts in a SHREP or HI with the SAs of the mobile node.
#pragma once

#include <optional>
#include <vector>

#include "ipsec/context.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/verdict.hpp"
#include "replay/tester/case/case_variables.hpp"

namespace secct::replay {

// std::nullopt if `found` are the contexts of the SAs `expected`, complete and in order. Permitted
// differences: a shorter lifetime; the IV, which the sender chooses; additional data that may be
// omitted (ISSUES 7.3). The sequence number and window must include the packets that the tester
// sent under the SA.
std::optional<Failure> compare_contexts(const std::vector<Context>& found,
                                        const std::vector<Context>& expected,
                                        const VariableContext& variables);

}  // namespace secct::replay
