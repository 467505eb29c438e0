// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/conversation.hpp"

#include "protocol/decode/keyed_input.hpp"
#include "replay/suite/clauses.hpp"
#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

class ConversationTest : public TesterFixture {};

TEST_F(ConversationTest, RulesNameClausesThatExist) {
  for (const auto& rule : conversation_rules()) {
    EXPECT_NE(find_clause(rule.clause), nullptr) << rule.name;
    EXPECT_EQ(&row(rule.id), &rule) << rule.name;
  }
}

TEST_F(ConversationTest, VerbatimAllowsPaddingAfterTheCopy) {
  const auto shreq = received(handover_.shreq(1));
  const auto copy = from_auth(shreq->decoded);
  ASSERT_GT(copy.size(), 8U);
  EXPECT_FALSE(compare_verbatim(copy, shreq->decoded));
  EXPECT_TRUE(compare_verbatim(copy.subspan(1), shreq->decoded));
  Octets other(copy.begin(), copy.end());
  other.front() ^= 1;
  const auto failure = compare_verbatim(other, shreq->decoded);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->clause, "FRAME-4.3-1");
  EXPECT_EQ(failure->expected, to_hex(other));
}

TEST_F(ConversationTest, SwappedRequiresBothAddresses) {
  const auto& nr = handover_.nr();
  const auto& pr = handover_.pr();
  EXPECT_FALSE(compare_swapped(pr, nr, nr, pr));
  EXPECT_TRUE(compare_swapped(pr, nr, pr, nr));
  EXPECT_TRUE(compare_swapped(pr, nr, nr, nr));
  EXPECT_TRUE(compare_swapped(pr, nr, pr, pr));
}

}  // namespace
}  // namespace secct::replay
