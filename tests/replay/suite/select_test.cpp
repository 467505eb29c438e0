// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/select.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/yaml_reader.hpp"

namespace secct::replay {
namespace {

bool matches(const Case& c, std::vector<std::string> patterns) { return selected(c, patterns); }

Case example() {
  Case c;
  c.id = "RELOC-5.2-3/octets-after-r1";
  c.title = "R1 with octets";
  c.section = "RELOC 5.2";
  c.role = Role::pr;
  c.clauses = {"RELOC-5.2-3", "RELOC-5.4-102"};
  c.tags = {"order"};
  return c;
}

TEST(Select, WithoutPatternsSelectsEveryCase) { EXPECT_TRUE(matches(example(), {})); }

TEST(Select, MatchesIdClauseRoleAndPartOfTheIdWithoutPrefix) {
  const auto c = example();
  EXPECT_TRUE(matches(c, {"RELOC-5.2-*"}));
  EXPECT_TRUE(matches(c, {"after-r1"}));
  EXPECT_TRUE(matches(c, {"nothing", "RELOC-5.4-102"}));
  EXPECT_TRUE(matches(c, {"pr"}));
  EXPECT_FALSE(matches(c, {"FRAME"}));
  EXPECT_FALSE(matches(c, {"R1 with octets"}));  // the title needs its prefix
}

TEST(Select, MatchesThePropertyOfThePrefixAsAWhole) {
  const auto c = example();
  EXPECT_TRUE(matches(c, {"role:pr"}));
  EXPECT_FALSE(matches(c, {"role:nr"}));
  EXPECT_TRUE(matches(c, {"section:reloc 5.2"}));
  EXPECT_TRUE(matches(c, {"tag:order"}));
  EXPECT_FALSE(matches(c, {"tag:timing"}));
  EXPECT_TRUE(matches(c, {"clause:RELOC-5.2-?"}));
  EXPECT_FALSE(matches(c, {"clause:RELOC-5.2-4"}));
  EXPECT_TRUE(matches(c, {"title:R1*"}));
  EXPECT_FALSE(matches(c, {"id:after-r1"}));
}

TEST(Select, RejectsUnknownPrefixes) {
  try {
    matches(example(), {"clauses:RELOC"});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("unknown prefix 'clauses'"));
    EXPECT_THAT(error.what(), testing::HasSubstr("did you mean clause?"));
  }
}

}  // namespace
}  // namespace secct::replay
