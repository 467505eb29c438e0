// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of a case with and without its mutation.
#include <gtest/gtest.h>

#include "replay/suite/suite.hpp"

namespace secct::replay {
namespace {

using Kind = CaseStep::Kind;

Case with_mutation(const std::string& mutation) {
  return read_suite(
             "cases:\n"
             "  - id: A\n"
             "    title: t\n"
             "    role: pr\n"
             "    clauses: [RELOC-5.2-2]\n"
             "    steps:\n"
             "      - {send: shreq, set: {secct.naddr: \"::\"}}\n"
             "      - {expect: shrep}\n"
             "      - {send: shreq, set: {secct.auth.replay: 9}}\n"
             "      - {expect: shrep, fields: {secct.status: 105}}\n"
             "    mutate: " +
                 mutation + "\n",
             "mine.yaml")
      .at(0);
}

TEST(Mutation, ChangesTheStepAndReplacesTheFollowingOnes) {
  const auto c = with_mutation("{send: shreq, set: {secct.paddr: \"::\"}, then: [{wait: 1}]}");
  EXPECT_EQ(steps_of(c, false).size(), 4U);
  const auto steps = steps_of(c, true);
  ASSERT_EQ(steps.size(), 2U);
  ASSERT_EQ(steps[0].edits.size(), 2U);  // those of the control, then those of the mutation
  EXPECT_EQ(steps[0].edits[0].path, "secct.naddr");
  EXPECT_EQ(steps[0].edits[1].path, "secct.paddr");
  EXPECT_EQ(steps[1].kind, Kind::wait);
}

TEST(Mutation, FindsTheSecondStepWithTheMessage) {
  const auto c = with_mutation("{send: shreq#2, drop-layer: ah, then: []}");
  EXPECT_EQ(c.mutation->step, 2U);
  EXPECT_EQ(steps_of(c, true).size(), 3U);
}

TEST(Mutation, ThenDiscardedExpectsSilenceAndTheStepsOfTheControl) {
  const auto c = with_mutation("{send: shreq, drop-layer: ah, then: discarded}");
  const auto& then = c.mutation->then;
  ASSERT_EQ(then.size(), 5U);
  EXPECT_EQ(then[0].kind, Kind::nothing);
  for (std::size_t i = 1; i < then.size(); ++i) EXPECT_EQ(then[i].clause, "ROBUST-9");
  EXPECT_EQ(then[1].message, "shreq");
  EXPECT_EQ(then[2].message, "shrep");
}

TEST(Mutation, StepsOfUnchangedStateHaveAnotherReplayUnlessTheCaseSetsIt) {
  const auto c = with_mutation("{send: shreq, drop-layer: ah, then: discarded}");
  const auto steps = unchanged_state_steps(c.steps, 0);
  ASSERT_EQ(steps.size(), 4U);
  ASSERT_EQ(steps[0].edits.size(), 2U);
  EXPECT_EQ(steps[0].edits[1].path, "secct.auth.replay");
  EXPECT_EQ(steps[0].edits[1].value, "200");
  EXPECT_TRUE(steps[1].edits.empty());
  ASSERT_EQ(steps[2].edits.size(), 1U);
  EXPECT_EQ(steps[2].edits[0].value, "9");
}

}  // namespace
}  // namespace secct::replay
