// SPDX-License-Identifier: GPL-2.0-or-later
// Containers in wmem_file_scope(). epan frees this memory in one step when the capture file is
// closed; millions of entries therefore need neither one malloc nor one free each. No destructors
// of elements are called. The owner calls clear(), or destroys the container, when the file is
// closed (register_cleanup_routine): after that its memory is invalid.
#pragma once

#include <algorithm>
#include <type_traits>
#include <vector>

#include "dissector/epan/epan.hpp"
#include "protocol/octets.hpp"

namespace secct::dissector {

// A copy of `octets` in file scope.
inline View file_copy(View octets) {
  if (octets.empty()) return {};
  return {static_cast<const std::uint8_t*>(
              wmem_memdup(wmem_file_scope(), octets.data(), octets.size())),
          octets.size()};
}

// A vector for few elements; its first allocation has room for `First` of them. clear() keeps the
// memory, so a FileVector may only be reused within the same capture file.
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

// A hash table with open addressing. Addresses of values stay valid until clear(); single entries
// cannot be removed.
template <class Key, class Value, class Hash>
class FileTable {
  static_assert(std::is_trivially_destructible_v<Key> && std::is_trivially_destructible_v<Value>);

 public:
  bool empty() const { return used_ == 0; }

  void clear() {
    buckets_ = {};
    used_ = 0;
  }

  Value* find(const Key& key) const {
    if (buckets_.empty()) return nullptr;
    const auto& bucket = buckets_[find_bucket(buckets_, Hash()(key), &key)];
    return bucket.entry != nullptr ? &bucket.entry->value : nullptr;
  }

  // The value of `key`; inserts a default value if there is none.
  Value& operator[](const Key& key) {
    constexpr std::size_t least = 64;
    if (used_ * 2 >= buckets_.size()) grow(std::max(least, buckets_.size() * 2));
    const std::size_t hash = Hash()(key);
    auto& bucket = buckets_[find_bucket(buckets_, hash, &key)];
    if (bucket.entry == nullptr) {
      bucket = {hash, new (wmem_alloc(wmem_file_scope(), sizeof(Entry))) Entry{key, Value()}};
      ++used_;
    }
    return bucket.entry->value;
  }

 private:
  struct Entry {
    Key key;
    Value value;
  };
  struct Bucket {
    std::size_t hash = 0;
    Entry* entry = nullptr;
  };

  // The index of the bucket that holds `key` or, if there is none, of the free bucket in which it
  // belongs. If `key` is nullptr, the index of the first free bucket for `hash`.
  static std::size_t find_bucket(const std::vector<Bucket>& buckets, std::size_t hash,
                                 const Key* key) {
    const auto mask = buckets.size() - 1;
    auto at = hash & mask;
    while (buckets[at].entry != nullptr &&
           (key == nullptr || buckets[at].hash != hash || !(buckets[at].entry->key == *key))) {
      at = (at + 1) & mask;
    }
    return at;
  }

  void grow(std::size_t size) {
    std::vector<Bucket> larger(size);
    for (const auto& bucket : buckets_) {
      if (bucket.entry != nullptr) larger[find_bucket(larger, bucket.hash, nullptr)] = bucket;
    }
    buckets_ = std::move(larger);
  }

  std::vector<Bucket> buckets_;  // their number is a power of two; at least half of them are free
  std::size_t used_ = 0;
};

}  // namespace secct::dissector
