// SPDX-License-Identifier: GPL-2.0-or-later
// Compares a message of the router with the step that expects it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "replay/inspect/received_packet.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"
#include "replay/tester/case/case_variables.hpp"

namespace secct::replay {

struct MatchResult {
  std::optional<Failure> failure;  // the first difference; std::nullopt: the message matches
  // The difference violates only a decision of this project: the verdict is NON-STRICT, not FAIL.
  bool lenient = false;
  std::vector<Comparison> compared;  // in the order of the step, up to the first difference
};

// Matches `packet` with `step`, which has the index `index` in the case. `earlier` are messages
// whose contexts `packet` continues (wire-format.md 4): the step must match the contexts of all of
// them. Throws UsageError if a value that the step expects cannot be parsed.
MatchResult match(const CaseStep& step, std::size_t index,
                  std::span<const DecodedMessage* const> earlier, const ReceivedPacket& packet,
                  const VariableContext& variables);

}  // namespace secct::replay
