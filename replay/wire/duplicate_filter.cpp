// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/duplicate_filter.hpp"

#include <functional>
#include <string_view>

namespace secct::replay {

bool DuplicateFilter::is_duplicate(View datagram, Time now) {
  while (!order_.empty() && order_.front().first + within_ <= now) {
    known_.erase(order_.front().second);
    order_.pop_front();
  }
  const std::string_view text(reinterpret_cast<const char*>(datagram.data()), datagram.size());
  const Digest digest = std::hash<std::string_view>()(text);
  const bool copy = !known_.insert(digest).second;
  if (!copy) order_.emplace_back(now, digest);
  return copy;
}

}  // namespace secct::replay
