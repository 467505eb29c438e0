// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/mobile_node_pool.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace secct::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr MobileNodeRange range{1, 20};

// Takes `count` mobile nodes and adds them to `all`, which must not contain them.
void take(MobileNodePool& pool, Role role, std::size_t count, std::set<std::uint32_t>& all) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = pool.take(range, role);
    ASSERT_TRUE(number);
    EXPECT_GE(*number, 1U);
    EXPECT_LE(*number, 20U);
    EXPECT_TRUE(all.insert(*number).second) << *number;
  }
}

TEST(MobileNodePool, GivesEachMobileNodeOnceAndNoSample) {
  for (const std::uint64_t seed : {0U, 1U, 2U, 3U}) {
    MobileNodePool pool;
    pool.reserve(range, Role::nr, 4);
    pool.reserve(range, Role::pr, 3);
    pool.reserve(range, Role::pr, 2);
    pool.start_randomly(seed);
    EXPECT_EQ(pool.shortage(), std::nullopt);
    std::set<std::uint32_t> all;
    for (const auto role : {Role::nr, Role::pr}) {
      EXPECT_THAT(pool.samples(role), SizeIs(3));
      for (const auto number : pool.samples(role)) EXPECT_TRUE(all.insert(number).second);
    }
    take(pool, Role::pr, 5, all);
    take(pool, Role::nr, 4, all);
    take(pool, Role::pr, 3, all);  // repetitions
    take(pool, Role::nr, 2, all);
    EXPECT_THAT(all, SizeIs(20));
    EXPECT_EQ(pool.take(range, Role::nr), std::nullopt);
  }
}

TEST(MobileNodePool, SamplesSurroundTheMobileNodesOfTheRole) {
  MobileNodePool pool;
  pool.reserve(range, Role::nr, 4);
  pool.reserve(range, Role::pr, 4);
  pool.start();
  EXPECT_THAT(pool.samples(Role::nr), ElementsAre(1, 4, 7));
  EXPECT_THAT(pool.samples(Role::pr), ElementsAre(8, 11, 14));
  EXPECT_EQ(pool.take(range, Role::pr), 9U);
  EXPECT_EQ(pool.take(range, Role::nr), 2U);
}

TEST(MobileNodePool, UsesNoMobileNodeBeforeTheFirstOne) {
  MobileNodePool pool;
  pool.reserve(range, Role::pr, 4);
  pool.start_at(17);
  EXPECT_EQ(pool.shortage(), std::nullopt);
  EXPECT_THAT(pool.samples(Role::pr), SizeIs(0));
  for (const auto number : {17U, 18U, 19U, 20U}) EXPECT_EQ(pool.take(range, Role::pr), number);
  EXPECT_EQ(pool.take(range, Role::pr), std::nullopt);
  pool.start_at(18);
  ASSERT_TRUE(pool.shortage());
  EXPECT_THAT(*pool.shortage(), HasSubstr("need 4 mobile nodes"));
  EXPECT_THAT(*pool.shortage(), HasSubstr("has 3 from number 18 on"));
  EXPECT_THAT(*pool.shortage(), HasSubstr("raise mobile_nodes.count"));
}

TEST(MobileNodePool, DoubtsTheMobileNodesOfSmallRangesOnly) {
  MobileNodePool pool;
  pool.reserve({1, 1000}, Role::pr, 4);
  pool.reserve({1001, 20}, Role::pr, 4);
  pool.start();
  EXPECT_THAT(pool.doubtful(Role::pr), ElementsAre(1002, 1003, 1005, 1006));
  EXPECT_THAT(pool.doubtful(Role::nr), SizeIs(0));
}

TEST(MobileNodePool, NamesTheRangeThatIsTooSmall) {
  MobileNodePool pool;
  pool.reserve(range, Role::pr, 4);
  pool.reserve({21, 2}, Role::pr, 3);
  pool.start_randomly(5);
  ASSERT_TRUE(pool.shortage());
  EXPECT_THAT(*pool.shortage(), HasSubstr("need 3 mobile nodes"));
  EXPECT_THAT(*pool.shortage(), HasSubstr("has 2"));
  EXPECT_THAT(*pool.shortage(), HasSubstr("mobile_nodes.more"));
}

}  // namespace
}  // namespace secct::replay
