// SPDX-License-Identifier: GPL-2.0-or-later
// Steps and failures as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {
namespace {

std::vector<std::string> lines(const std::string& step) {
  return step_lines(
      read_suite(
          "cases: [{id: A, title: t, role: pr, clauses: [RELOC-5.2-2], steps: [" + step + "]}]",
          "mine.yaml")
          .at(0)
          .steps.at(0));
}

TEST(StepLines, NameMessageEditsAndExpectedValues) {
  EXPECT_THAT(lines("{send: shrep, contexts: [2], mtu: 1280, set: {secct.status: 5}}"),
              testing::ElementsAre("send shrep", "with secct.status = 5", "with SA 2",
                                   "in fragments of at most 1280 octets"));
  EXPECT_THAT(lines("{expect: shrep, optional: true, fields: {secct.sa.spi: [1, 2]}, absent: "
                    "secct.status, check: iv, under: esp}"),
              testing::ElementsAre("expect shrep (optional)", "secct.sa.spi = 1, 2",
                                   "no secct.status", "check iv", "under esp"));
}

TEST(StepLines, DescribeTrafficAndWaiting) {
  EXPECT_THAT(lines("{echo: clear}"),
              testing::ElementsAre("send an ICMPv6 echo request without IPsec, expect an answer"));
  EXPECT_THAT(lines("{udp: [1, 2], ports: [5, 6], sequence: -1, answered: false}"),
              testing::ElementsAre("send a UDP datagram from port 5 to port 6 under SA 1 around SA "
                                   "2, sequence number -1, expect no answer"));
  EXPECT_THAT(lines("{wait: 2, scaled: false}"),
              testing::ElementsAre("wait 2 s, not multiplied by timing_scale"));
}

TEST(Failure, ReasonOmitsWhatIsEmpty) {
  EXPECT_EQ((Failure{"", "secct.status", "105", "200", "wrong value"}.reason()),
            "secct.status: wrong value: expected 105, found 200");
  EXPECT_EQ((Failure{"", "", "shrep", "", "no answer"}.reason()), "no answer: expected shrep");
  EXPECT_EQ((Failure{"", "", "", "7", "unknown SPI"}.reason()), "unknown SPI: found 7");
  EXPECT_EQ((Failure{"", "", "", "", "ICV is wrong"}.reason()), "ICV is wrong");
}

}  // namespace
}  // namespace secct::replay
