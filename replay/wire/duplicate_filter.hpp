// SPDX-License-Identifier: GPL-2.0-or-later
// Tells the datagrams that the network has doubled.
#pragma once

#include <deque>
#include <unordered_set>
#include <utility>

#include "protocol/octets.hpp"
#include "protocol/time.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class DuplicateFilter {
 public:
  // `within` nanoseconds the same octets are a copy, later something that was sent again.
  explicit DuplicateFilter(Time within) : within_(within) {}

  // Whether the same datagram came just before; `now` never falls. What is older is forgotten.
  bool is_duplicate(View datagram, Time now);

 private:
  using Digest = std::size_t;

  Time within_;
  std::unordered_set<Digest> known_;
  std::deque<std::pair<Time, Digest>> order_;  // the same, oldest first
};

}  // namespace secct::replay
