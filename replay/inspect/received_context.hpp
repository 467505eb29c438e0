// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "generator/description/context.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// A context of a received SHREP or U-SHREP.
struct ReceivedContext {
  std::optional<Context> context;  // nothing: it cannot be parsed
  std::uint8_t status;             // the status that answers it
};

}  // namespace secct::replay
