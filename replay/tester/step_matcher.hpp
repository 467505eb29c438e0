// SPDX-License-Identifier: GPL-2.0-or-later
// A message of the router, or several that belong together, held against the step that expects it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "replay/inspect/received_packet.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"
#include "replay/tester/case_variables.hpp"

namespace secct::replay {

struct Judgement {
  std::optional<Failure> failure;  // the first thing that is wrong
  // What is wrong rests on a decision of this project alone: NON-STRICT at most.
  bool lenient = false;
  std::vector<Comparison> compared;  // in the order of the step; `number` is their step
};

// `earlier`: messages that came before and that `seen` continues (wire-format.md 4): their contexts
// stand in front of its own. UsageError when a value that the step expects cannot be read.
Judgement match(const CaseStep& step, std::size_t number,
                std::span<const DecodedMessage* const> earlier, const ReceivedPacket& seen,
                const VariableContext& words);

}  // namespace secct::replay
