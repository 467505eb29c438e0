// SPDX-License-Identifier: GPL-2.0-or-later
// What a case can ask of a message beyond the values of single fields: one row per check.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "generator/handover/handover.hpp"
#include "replay/inspect/received_packet.hpp"
#include "replay/namespace.hpp"
#include "replay/tester/case_variables.hpp"

namespace secct::replay {

// Nothing when `seen` keeps the rule.
std::optional<Failure> run_predicate(std::string_view name, const ReceivedPacket& seen,
                                     const VariableContext& context);

// Nothing when `found` are the contexts of `expected`, complete and in this order. Lifetimes may
// have run down, and IVs are the sender's choice; a sequence number is the one that was used; what
// may be left out (ISSUES 7.3) need not be there.
std::optional<Failure> compare_contexts(const std::vector<Context>& found,
                                        const VariableContext& context,
                                        const std::vector<Context>& expected);

}  // namespace secct::replay
