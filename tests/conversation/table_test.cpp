// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/table.hpp"

#include <array>
#include <random>
#include <unordered_map>

#include <gtest/gtest.h>

namespace secct::conversation {
namespace {

// Many keys have the same hash, or one that is only a few slots away.
struct PoorHash {
  std::size_t operator()(int key) const { return static_cast<std::size_t>(key % 13); }
};
struct GoodHash {
  std::size_t operator()(int key) const {
    return static_cast<std::size_t>(key) * 0x9e3779b97f4a7c15U >> 3;
  }
};

template <class Hash>
void compare_with_map(int keys, int steps) {
  Index<int, int, Hash> index;
  std::unordered_map<int, int*> map;
  std::array<int, 4> values{};
  std::mt19937 random(1);
  const auto below = [&](int end) { return std::uniform_int_distribution(0, end - 1)(random); };
  for (int step = 0; step < steps; ++step) {
    const int key = below(keys);
    auto* value = &values[static_cast<std::size_t>(below(4))];
    const auto found = map.find(key);
    switch (below(3)) {
      case 0:
        index.set(key, value);
        map[key] = value;
        break;
      case 1:
        index.erase(key, value);
        if (found != map.end() && found->second == value) map.erase(found);
        break;
      default:
        ASSERT_EQ(index.find(key), found == map.end() ? nullptr : found->second) << step;
        break;
    }
    ASSERT_EQ(index.size(), map.size()) << step;
  }
  for (int key = 0; key < keys; ++key) {
    const auto found = map.find(key);
    EXPECT_EQ(index.find(key), found == map.end() ? nullptr : found->second) << key;
  }
}

TEST(Index, BehavesLikeAMap) {
  compare_with_map<GoodHash>(1000, 200'000);
  compare_with_map<PoorHash>(100, 200'000);
}

TEST(Index, IsEmptyAtFirst) {
  Index<int, int, GoodHash> index;
  int value = 0;
  EXPECT_EQ(index.find(1), nullptr);
  index.erase(1, &value);
  EXPECT_EQ(index.size(), 0U);
}

}  // namespace
}  // namespace secct::conversation
