// SPDX-License-Identifier: GPL-2.0-or-later
// Sending is tested with interfaces in tests/e2e/cli/send.py.
#include "generator/transmit/transmit.hpp"

#include <gtest/gtest.h>

namespace secct::generator {
namespace {

TEST(Transmit, RateCountsIntervalsBetweenFrames) {
  TransmitReport report;
  EXPECT_EQ(report.rate(), 0);
  report.frames = 11;
  report.seconds = 2;
  EXPECT_EQ(report.rate(), 5);
}

TEST(Transmit, ReportsMissingInterfaces) {
  EXPECT_THROW(interface_info("no-such-interface"), SetupError);
  EXPECT_THROW(interface_info("a-name-that-is-too-long-for-linux"), SetupError);
}

}  // namespace
}  // namespace secct::generator
