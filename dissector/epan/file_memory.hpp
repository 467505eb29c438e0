// SPDX-License-Identifier: GPL-2.0-or-later
// Containers whose memory is that of the capture file: epan gives it back in one go when the file
// is closed, so that millions of entries cost neither a malloc nor a free each. What they hold is
// never destroyed; whoever owns one forgets it (clear) when the file goes.
#pragma once

#include <algorithm>
#include <type_traits>
#include <vector>

#include "dissector/epan/epan.hpp"
#include "protocol/octets.hpp"

namespace secct::dissector {

// A copy that lives as long as the file.
inline View kept(View octets) {
  if (octets.empty()) return {};
  return {static_cast<const std::uint8_t*>(
              wmem_memdup(wmem_file_scope(), octets.data(), octets.size())),
          octets.size()};
}

// A short list: one allocation for its first `First` elements.
template <class T, std::uint32_t First = 2>
class FileVector {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  std::uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }
  T& back() const { return data_[size_ - 1]; }
  void clear() { size_ = 0; }
  void truncate(std::uint32_t size) { size_ = std::min(size_, size); }

  T& push_back(const T& value) {
    if (size_ == capacity_) {
      capacity_ = std::max(First, 2 * capacity_);
      const auto octets = capacity_ * sizeof(T);  // NOLINT(bugprone-sizeof-expression)
      data_ = static_cast<T*>(wmem_realloc(wmem_file_scope(), data_, octets));
    }
    return *new (data_ + size_++) T(value);
  }

  void pop_front() { std::copy(data_ + 1, data_ + size_--, data_); }

 private:
  T* data_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

// A hash table with open addressing. Entries stay where they are; none is ever removed.
template <class Key, class Value, class Hash>
class FileTable {
  static_assert(std::is_trivially_destructible_v<Key> && std::is_trivially_destructible_v<Value>);

 public:
  bool empty() const { return used_ == 0; }

  void clear() {
    slots_ = {};
    used_ = 0;
  }

  Value* find(const Key& key) const {
    if (slots_.empty()) return nullptr;
    const auto& slot = slots_[place(slots_, Hash()(key), &key)];
    return slot.entry != nullptr ? &slot.entry->value : nullptr;
  }

  // A fresh one where there is none.
  Value& operator[](const Key& key) {
    constexpr std::size_t least = 64;
    if (used_ * 2 >= slots_.size()) grow(std::max(least, slots_.size() * 2));
    const std::size_t hash = Hash()(key);
    auto& slot = slots_[place(slots_, hash, &key)];
    if (slot.entry == nullptr) {
      slot = {hash, new (wmem_alloc(wmem_file_scope(), sizeof(Entry))) Entry{key, Value()}};
      ++used_;
    }
    return slot.entry->value;
  }

 private:
  struct Entry {
    Key key;
    Value value;
  };
  struct Slot {
    std::size_t hash = 0;
    Entry* entry = nullptr;
  };

  // Where `key` is or belongs; without a key the first free slot.
  static std::size_t place(const std::vector<Slot>& slots, std::size_t hash, const Key* key) {
    const auto mask = slots.size() - 1;
    auto at = hash & mask;
    while (slots[at].entry != nullptr &&
           (key == nullptr || slots[at].hash != hash || !(slots[at].entry->key == *key))) {
      at = (at + 1) & mask;
    }
    return at;
  }

  void grow(std::size_t size) {
    std::vector<Slot> wider(size);
    for (const auto& slot : slots_) {
      if (slot.entry != nullptr) wider[place(wider, slot.hash, nullptr)] = slot;
    }
    slots_ = std::move(wider);
  }

  std::vector<Slot> slots_;  // as many as a power of two, half of them free
  std::size_t used_ = 0;
};

}  // namespace secct::dissector
