// SPDX-License-Identifier: GPL-2.0-or-later
// The variables that exist while a case runs.
// tests/generator/handover/handover_variables_test.cpp tests the others.
#include "replay/tester/case/case_variables.hpp"

#include <gmock/gmock.h>

#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

using testing::ElementsAre;

class CaseVariables : public TesterFixture {
 protected:
  std::vector<std::string> values(const std::string& text) const {
    return case_variables(variables())(text);
  }
  std::string error(const std::string& text) const {
    try {
      values(text);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "no error";
  }
};

TEST_F(CaseVariables, IncludeThoseOfTheHandover) {
  EXPECT_THAT(values("105"), ElementsAre("105"));
  EXPECT_THAT(values("$naddr"), ElementsAre("2001:db8:20::1:1"));
  EXPECT_THAT(values("$spi1"), ElementsAre("0x10000040"));
  EXPECT_EQ(error("$spi0"), "variable '$spi0': expected a number from 1 to 4");
}

TEST_F(CaseVariables, RememberSentMessages) {
  EXPECT_THAT(values("$identifier"), ElementsAre("1"));  // that of the handover
  EXPECT_EQ(error("$token1"), "variable '$token1' has no value in this handover");
  record_sent("shrep", edited(handover_.shrep(), {{"secct.identifier", "77"}}));
  record_sent("shin", edited(handover_.shin(1), {{"secct.auth.token", "0x01020304"}}));
  EXPECT_THAT(values("$identifier"), ElementsAre("77"));  // a SHIN has none
  EXPECT_THAT(values("$token1"), ElementsAre("0x01020304"));
  EXPECT_EQ(error("$token2"), "variable '$token2': expected a number from 1 to 1");
}

TEST_F(CaseVariables, NameTheLastAhSequenceNumber) {
  record_sent("shrep", edited(handover_.shrep(), {{"ah.sequence", "41"}}));
  EXPECT_THAT(values("$last-sequence"), ElementsAre("41"));
}

TEST_F(CaseVariables, NameTheNearestVariableInAnError) {
  EXPECT_EQ(error("$identifer"), "unknown variable '$identifer'; did you mean $identifier?");
}

}  // namespace
}  // namespace secct::replay
