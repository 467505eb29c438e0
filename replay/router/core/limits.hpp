// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>

namespace secct::replay {

// Maximum sizes of the reference router's tables. docs/decisions.md specifies the answers of a
// router whose table is full.
struct Limits {
  std::size_t kept_ushreps = 65536;      // U-SHREPs that await their SHIN
  std::size_t pending_requests = 32768;  // SHREQs that await a SHREP or its continuation
  std::size_t mobile_nodes = 65536;      // with SAs installed
  std::size_t answers = 65536;           // stored to answer repeated requests alike
  std::size_t replies = 32;              // SHREPs accepted for one transfer
};

}  // namespace secct::replay
