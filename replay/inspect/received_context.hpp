// SPDX-License-Identifier: GPL-2.0-or-later
// A context of a received SHREP or U-SHREP with the status of its verification.
#pragma once

#include <cstdint>
#include <optional>

#include "ipsec/context.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

struct ReceivedContext {
  std::optional<Context> context;  // std::nullopt: it cannot be parsed
  std::uint8_t status;             // of the SecCT-Stat that answers it
};

}  // namespace secct::replay
