// SPDX-License-Identifier: GPL-2.0-or-later
// Timers by key: at most one expiry time for each key. Setting, clearing and finding the earliest
// one take logarithmic time.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "protocol/time.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

template <typename Key>
class Alarms {
 public:
  // Starts the alarm of `key`, or moves it to `at`.
  void set(const Key& key, Time at) {
    const auto [entry, fresh] = at_.try_emplace(key, at);
    if (!fresh) {
      order_.erase({entry->second, key});
      entry->second = at;
    }
    order_.insert({at, key});
  }

  void clear(const Key& key) {
    const auto entry = at_.find(key);
    if (entry == at_.end()) return;
    order_.erase({entry->second, key});
    at_.erase(entry);
  }

  void clear() {
    order_.clear();
    at_.clear();
  }

  // The earliest expiry time; std::nullopt without alarms.
  std::optional<Time> first() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
  }

  // Removes the earliest alarm that is due at `now` and returns its key; std::nullopt if none is
  // due.
  std::optional<Key> take_due(Time now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    auto key = order_.begin()->second;
    clear(key);
    return key;
  }

 private:
  std::set<std::pair<Time, Key>> order_;
  std::map<Key, Time> at_;
};

// The earlier of two times; std::nullopt if both are.
inline std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b) {
  if (!a || !b) return a ? a : b;
  return *a < *b ? a : b;
}

}  // namespace secct::replay
