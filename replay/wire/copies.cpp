// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/copies.hpp"

#include <functional>
#include <string_view>

namespace secct {

bool Copies::is_copy(View datagram, Time now) {
  while (!order_.empty() && order_.front().first + within_ <= now) {
    const auto found = last_.find(order_.front().second);
    if (found != last_.end() && found->second == order_.front().first) last_.erase(found);
    order_.pop_front();
  }
  const std::string_view text(reinterpret_cast<const char*>(datagram.data()), datagram.size());
  const Digest digest = std::hash<std::string_view>()(text);
  const bool copy = !last_.try_emplace(digest, now).second;
  if (!copy) order_.emplace_back(now, digest);
  return copy;
}

}  // namespace secct
