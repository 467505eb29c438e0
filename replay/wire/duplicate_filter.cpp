// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/duplicate_filter.hpp"

#include <functional>
#include <string_view>

namespace secct::replay {

bool DuplicateFilter::is_duplicate(View datagram, Time now) {
  while (!order_.empty() && order_.front().first + within_ <= now) {
    recent_.erase(order_.front().second);
    order_.pop_front();
  }
  const std::string_view text(reinterpret_cast<const char*>(datagram.data()), datagram.size());
  const Digest digest = std::hash<std::string_view>()(text);
  const bool is_new = recent_.insert(digest).second;
  if (is_new) order_.emplace_back(now, digest);
  return !is_new;
}

}  // namespace secct::replay
