// SPDX-License-Identifier: GPL-2.0-or-later
// The schedule of a scenario: order, timestamps, sequence numbers, and slots of handovers.
#include "generator/scenario/schedule.hpp"

#include <map>

#include <gtest/gtest.h>

namespace secct::generator::test {
namespace {

std::vector<ScheduledPacket> packets(std::vector<Schedule::Step> steps, std::uint32_t handovers,
                                     std::uint64_t seed = 1) {
  Schedule schedule(std::move(steps), {7, 100}, handovers, seed);
  std::vector<ScheduledPacket> all;
  while (schedule.next()) all.push_back(schedule.current());
  return all;
}

const std::vector<Schedule::Step> four_steps{{0, false, std::nullopt},
                                             {10 * millisecond, false, 0},
                                             {5 * millisecond, true, 1},
                                             {20 * millisecond, false, 0}};

TEST(Schedule, VisitsTheStepsOfEachHandoverInTheOrderOfTimestamps) {
  constexpr std::uint32_t handovers = 100;
  const auto all = packets(four_steps, handovers);
  ASSERT_EQ(all.size(), handovers * four_steps.size());
  std::map<std::uint32_t, ScheduledPacket> last;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& now = all[i];
    EXPECT_LE(all[i == 0 ? 0 : i - 1].time, now.time);
    const auto before = last.find(now.handover);
    if (before == last.end()) {
      EXPECT_EQ(now.step, 0U);
    } else {
      EXPECT_EQ(now.step, before->second.step + 1);
      const auto& step = four_steps[now.step];
      const auto waited = now.time - before->second.time;
      EXPECT_GE(waited, step.delay * (step.exact ? 10 : 8) / 10);
      EXPECT_LE(waited, step.delay * (step.exact ? 10 : 12) / 10);
    }
    last[now.handover] = now;
  }
}

TEST(Schedule, SequenceNumbersOfEachSaIncreaseByOne) {
  std::uint32_t first = 7;
  std::uint32_t second = 100;
  for (const auto& now : packets(four_steps, 20)) {
    if (now.step == 2) {
      EXPECT_EQ(now.router_number, second++);
    } else if (now.step != 0) {
      EXPECT_EQ(now.router_number, first++);
    }
  }
  EXPECT_EQ(first, 7U + 40);
  EXPECT_EQ(second, 100U + 20);
}

TEST(Schedule, HandoversInProgressHaveDifferentSlots) {
  std::map<std::uint32_t, std::uint32_t> handovers;
  std::uint32_t most = 0;
  for (const auto& now : packets(four_steps, 200)) {
    const auto [at, is_new] = handovers.try_emplace(now.slot, now.handover);
    EXPECT_EQ(at->second, now.handover);
    if (now.step + 1 == four_steps.size()) handovers.erase(now.slot);
    most = std::max(most, now.slot + 1);
  }
  // A handover takes at most 35 ms plus a fifth, and one starts every 3 ms.
  EXPECT_LE(most, 15U);
}

// splitmix64: the first numbers that the program of its author prints for this seed.
TEST(Random, IsSplitmix64) {
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
}

TEST(Schedule, SameSeedGivesTheSameTimestamps) {
  const auto times = [](std::uint64_t seed) {
    std::vector<std::uint64_t> all;
    for (const auto& now : packets(four_steps, 5, seed)) all.push_back(now.time);
    return all;
  };
  EXPECT_EQ(times(3), times(3));
  EXPECT_NE(times(3), times(4));
}

TEST(Schedule, EndsWithoutStepsOrHandovers) {
  EXPECT_TRUE(packets({}, 5).empty());
  EXPECT_TRUE(packets(four_steps, 0).empty());
  EXPECT_EQ(packets({{0, false, std::nullopt}}, 3).size(), 3U);
}

}  // namespace
}  // namespace secct::generator::test
