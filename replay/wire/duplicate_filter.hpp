// SPDX-License-Identifier: GPL-2.0-or-later
// Recognizes datagrams that the network has duplicated.
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
  // The same octets again within `within` nanoseconds are a duplicate, later a retransmission.
  explicit DuplicateFilter(Time within) : within_(within) {}

  // True if the same datagram was received within the time. `now` must not decrease.
  bool is_duplicate(View datagram, Time now);

 private:
  using Digest = std::size_t;

  Time within_;
  std::unordered_set<Digest> recent_;
  std::deque<std::pair<Time, Digest>> order_;  // of recent_, oldest first
};

}  // namespace secct::replay
