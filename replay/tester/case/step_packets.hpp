// SPDX-License-Identifier: GPL-2.0-or-later
// The packets of a send or traffic step.
#pragma once

#include <vector>

#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"
#include "replay/tester/case/case_variables.hpp"

namespace secct::replay {

struct StepPackets {
  std::vector<Octets> datagrams;  // from the IP header on, not fragmented
  // PASS, or the verdict of the case if the packets cannot be built: UNSUPPORTED if the malformed
  // packet does not fit the SAs of the mobile node, otherwise TOOL-ERROR.
  Verdict verdict = Verdict::pass;
  Failure failure;
};

// Builds the message of a send step with its edits or its fault; not for `repeats_last`. Throws
// UsageError if the step does not fit the message.
StepPackets build_message(const CaseStep& step, Handover& handover,
                          const VariableContext& variables);

// Builds the packet of a traffic step; `number` as MobileNodeState::traffic(). Throws UsageError.
StepPackets build_traffic(const CaseStep& step, std::uint16_t number, const Handover& handover,
                          MobileNodeState& mobile_node);

}  // namespace secct::replay
