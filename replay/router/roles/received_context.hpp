// SPDX-License-Identifier: GPL-2.0-or-later
// The contexts that a SHREP or U-SHREP brings, each with the status that answers it.
#pragma once

#include <optional>
#include <vector>

#include "replay/inspect/received_context.hpp"
#include "replay/namespace.hpp"
#include "replay/router/core/core.hpp"

namespace secct::replay {

// In the order of the message; rows 5 to 9 of behaviour.md section 4 judge each one alone.
std::vector<ReceivedContext> read_received(const Core& core, const DecodedMessage& decoded);

// The SHREP-Ack option that tells the truth about them: S set, or one SecCT-Stat per context.
Node shrep_ack_option(const Core& core, const Address& naddr, const Address& paddr,
                      const std::vector<ReceivedContext>& contexts);

}  // namespace secct::replay
