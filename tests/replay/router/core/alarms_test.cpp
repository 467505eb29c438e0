// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/core/alarms.hpp"

#include <string>

#include <gtest/gtest.h>

namespace secct::replay {
namespace {

TEST(Alarms, ExpireInOrderOfTime) {
  Alarms<std::string> alarms;
  EXPECT_EQ(alarms.first(), std::nullopt);
  alarms.set("late", 30);
  alarms.set("early", 10);
  alarms.set("middle", 20);
  EXPECT_EQ(alarms.first(), 10U);
  EXPECT_EQ(alarms.take_due(9), std::nullopt);
  EXPECT_EQ(alarms.take_due(25), "early");
  EXPECT_EQ(alarms.take_due(25), "middle");
  EXPECT_EQ(alarms.take_due(25), std::nullopt);
  EXPECT_EQ(alarms.first(), 30U);
}

TEST(Alarms, SetMovesTheAlarmOfAKey) {
  Alarms<int> alarms;
  alarms.set(1, 10);
  alarms.set(1, 20);
  EXPECT_EQ(alarms.first(), 20U);
  alarms.set(1, 5);
  EXPECT_EQ(alarms.first(), 5U);
  alarms.clear(1);
  alarms.clear(2);
  EXPECT_EQ(alarms.first(), std::nullopt);
}

TEST(Alarms, EarlierIgnoresMissingTimes) {
  EXPECT_EQ(earlier(std::nullopt, std::nullopt), std::nullopt);
  EXPECT_EQ(earlier(3, std::nullopt), 3U);
  EXPECT_EQ(earlier(std::nullopt, 4), 4U);
  EXPECT_EQ(earlier(3, 4), 3U);
}

}  // namespace
}  // namespace secct::replay
