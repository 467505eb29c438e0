// SPDX-License-Identifier: GPL-2.0-or-later
// Evaluates the contexts of a received SHREP or U-SHREP: each one gets the status that answers it.
#pragma once

#include <optional>
#include <vector>

#include "replay/inspect/received_context.hpp"
#include "replay/namespace.hpp"
#include "replay/router/core/core.hpp"

namespace secct::replay {

// The contexts in the order of the message, each evaluated separately by rows 5 to 9 of
// behaviour.md section 4. A SecCT-rep without a complete context counts as one that cannot be
// parsed.
std::vector<ReceivedContext> read_received(const RouterCore& core, const DecodedMessage& decoded);

// The SHREP-Ack option for these contexts: flag S set if all have status 200, otherwise one
// SecCT-Stat per context.
Node shrep_ack_option(const RouterCore& core, const Address& naddr, const Address& paddr,
                      const std::vector<ReceivedContext>& contexts);

}  // namespace secct::replay
