// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>

namespace secct::replay {

// The most entries that the reference router keeps; docs/decisions.md says what it answers when a
// table is full.
struct Limits {
  std::size_t kept_contexts = 65536;     // U-SHREPs that wait for their SHIN
  std::size_t pending_requests = 32768;  // SHREQs that wait for their SHREP or had one just now
  std::size_t mobile_nodes = 65536;      // with SAs installed
  std::size_t answers = 65536;           // remembered, so that a repetition gets the same one
  std::size_t replies = 32;              // SHREPs of one transfer
};

}  // namespace secct::replay
