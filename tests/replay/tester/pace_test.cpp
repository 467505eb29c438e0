// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/pace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace secct::replay {
namespace {

using testing::HasSubstr;

// The time at which `count` packets have been sent, each as soon as it is permitted.
Time time_of(Pace& pace, int count, Time now) {
  for (int i = 0; i < count; ++i) {
    now = std::max(now, pace.next_packet());
    pace.packet_sent(now);
  }
  return now;
}

TEST(Pace, SendsAtTheRateAfterABurst) {
  Pace pace(0, 100);
  const Time start = seconds(7);
  EXPECT_EQ(time_of(pace, 16, start), start);
  EXPECT_EQ(time_of(pace, 100, start), start + seconds(1));
  // Time without packets permits no more than another burst.
  EXPECT_EQ(time_of(pace, 16, seconds(100)), seconds(100));
  EXPECT_GT(time_of(pace, 2, seconds(100)), seconds(100));
}

TEST(Pace, StartsCasesAtIntervals) {
  Pace pace(0, 0, 30);
  EXPECT_EQ(pace.next_start(), 0U);
  pace.case_started(100);
  EXPECT_EQ(pace.next_start(), 130U);
  EXPECT_EQ(pace.next_packet(), 0U);
}

TEST(Pace, HasNoLimitsUnlessTheyAreSet) {
  Pace pace(0, 0);
  EXPECT_EQ(time_of(pace, 1000, 5), 5U);
  EXPECT_TRUE(pace.may_start(100000, false));
}

TEST(Pace, LimitsTheCasesInFlightAndRepetitionsMore) {
  const Pace pace(32, 0);
  EXPECT_TRUE(pace.may_start(31, false));
  EXPECT_FALSE(pace.may_start(32, false));
  EXPECT_TRUE(pace.may_start(3, true));
  EXPECT_FALSE(pace.may_start(4, true));
  EXPECT_FALSE(Pace(2, 0).may_start(2, true));
}

TEST(Pace, IsHalvedWhenManyCasesHaveNoAnswer) {
  Pace pace(32, 500);
  for (int i = 0; i < 100; ++i) pace.case_ended(i % 8 == 0);
  EXPECT_TRUE(pace.may_start(31, false));
  for (int i = 0; i < 8; ++i) pace.case_ended(true);
  EXPECT_FALSE(pace.may_start(16, false));
  EXPECT_THAT(pace.text(), HasSubstr("at most 16 cases in flight, at most 250 packets/s (reduced 1 "
                                     "time"));
  for (int i = 0; i < 1000; ++i) pace.case_ended(true);
  EXPECT_TRUE(pace.may_start(3, false));
  EXPECT_THAT(pace.text(), HasSubstr("at most 4 cases in flight, at most 50 packets/s"));
}

TEST(Pace, ReductionSetsLimitsThatWereNotSet) {
  Pace pace(0, 0);
  for (int i = 0; i < 8; ++i) pace.case_ended(true);
  EXPECT_THAT(pace.text(), HasSubstr("at most 32 cases in flight, at most 500 packets/s"));
}

}  // namespace
}  // namespace secct::replay
