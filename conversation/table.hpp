// SPDX-License-Identifier: GPL-2.0-or-later
// Containers of the conversation engine: an index of pointers, a pool of objects, and a hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/octets.hpp"

namespace secct::conversation {

inline std::size_t hash_of(View octets) {
  return std::hash<std::string_view>{}(
      {reinterpret_cast<const char*>(octets.data()), octets.size()});
}

// Owns objects that never move. An object that was given back, which calls its reset(), is taken
// again before a new one is made.
template <class T>
class Pool {
 public:
  T& take() {
    if (free_.empty()) return objects_.emplace_back();
    auto& object = *free_.back();
    free_.pop_back();
    return object;
  }
  void give_back(T& object) {
    object.reset();
    free_.push_back(&object);
  }

 private:
  std::deque<T> objects_;
  std::vector<T*> free_;
};

// Pointers by key; the index owns nothing. Open addressing with linear probing: a look-up touches
// one cache line in most cases and allocates nothing.
template <class Key, class Value, class Hash>
class Index {
 public:
  Value* find(const Key& key) const {
    if (slots_.empty()) return nullptr;
    return slots_[place(Hash()(key), key)].value;
  }

  // Replaces the value of the key.
  void set(const Key& key, Value* value) {
    constexpr std::size_t least = 64;
    if (used_ * 2 >= slots_.size()) grow(slots_.empty() ? least : slots_.size() * 2);
    const auto hash = Hash()(key);
    auto& slot = slots_[place(hash, key)];
    if (slot.value == nullptr) ++used_;
    slot = {key, hash, value};
  }

  // Removes the key if it has this value.
  void erase(const Key& key, const Value* value) {
    if (slots_.empty()) return;
    auto at = place(Hash()(key), key);
    if (slots_[at].value == nullptr || slots_[at].value != value) return;
    const auto mask = slots_.size() - 1;
    // Moves up the entries of the probe sequence, so that no gap interrupts it.
    for (auto next = (at + 1) & mask; slots_[next].value != nullptr; next = (next + 1) & mask) {
      const auto home = slots_[next].hash & mask;
      if (((next - home) & mask) < ((next - at) & mask)) continue;
      slots_[at] = slots_[next];
      at = next;
    }
    slots_[at] = Slot();
    --used_;
  }

  std::size_t size() const { return used_; }

 private:
  struct Slot {
    Key key{};
    std::size_t hash = 0;
    Value* value = nullptr;
  };

  // The slot of the key, or the free one where it belongs.
  std::size_t place(std::size_t hash, const Key& key) const {
    const auto mask = slots_.size() - 1;
    auto at = hash & mask;
    while (slots_[at].value != nullptr && (slots_[at].hash != hash || !(slots_[at].key == key))) {
      at = (at + 1) & mask;
    }
    return at;
  }

  void grow(std::size_t size) {
    auto old = std::exchange(slots_, std::vector<Slot>(size));
    for (auto& slot : old) {
      if (slot.value != nullptr) slots_[place(slot.hash, slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half of them used
  std::size_t used_ = 0;
};

}  // namespace secct::conversation
