// SPDX-License-Identifier: GPL-2.0-or-later
// The contexts that a SHREP or U-SHREP brings, each with the status that answers it.
#pragma once

#include <optional>
#include <vector>

#include "replay/router/core.hpp"

namespace secct {

struct Offered {
  std::optional<Context> context;  // nothing: it cannot be read
  std::uint8_t status;
};

// In the order of the message; rows 5 to 9 of behaviour.md section 4 judge each one alone.
std::vector<Offered> read_offered(const Core& core, const Tape& tape);

// The SHREP-Ack option that tells the truth about them: S set, or one SecCT-Stat per context.
Node shrep_ack_option(const Core& core, const Address& naddr, const Address& paddr,
                      const std::vector<Offered>& contexts);

}  // namespace secct
