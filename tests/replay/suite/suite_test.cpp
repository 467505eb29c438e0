// SPDX-License-Identifier: GPL-2.0-or-later
// Reading suite files: valid cases, and the error messages for invalid ones.
#include "replay/suite/suite.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/yaml_reader.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

using testing::HasSubstr;

// The error message for a suite file with this text.
std::string error_of(const std::string& text) {
  try {
    read_suite(text, "mine.yaml");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

constexpr const char* head =
    "cases:\n"
    "  - id: A\n"
    "    title: t\n"
    "    role: pr\n"
    "    clauses: [RELOC-5.2-2]\n";

TEST(Suite, ReadsACaseWithItsMutation) {
  const auto cases = read_suite(std::string(head) +
                                    "    steps:\n"
                                    "      - send: shreq\n"
                                    "        set: {secct.req.spi: [1, 2]}\n"
                                    "      - expect: shrep\n"
                                    "        fields: {secct.status: 200}\n"
                                    "        optional: true\n"
                                    "    mutate:\n"
                                    "      send: shreq\n"
                                    "      drop-layer: ah\n"
                                    "      then: [{expect-nothing: 0.25}]\n",
                                "mine.yaml");
  ASSERT_EQ(cases.size(), 1U);
  const auto& c = cases[0];
  EXPECT_EQ(c.role, Role::pr);
  EXPECT_EQ(c.line, 2);
  ASSERT_EQ(c.steps.size(), 2U);
  EXPECT_EQ(c.steps[0].edits[0].value, "[1, 2]");
  EXPECT_TRUE(c.steps[1].optional);
  ASSERT_TRUE(c.mutation);
  EXPECT_EQ(c.mutation->edits[0].kind, Edit::Kind::drop_layer);
  EXPECT_EQ(c.mutation->then[0].kind, CaseStep::Kind::nothing);
  EXPECT_DOUBLE_EQ(c.mutation->then[0].seconds, 0.25);
}

TEST(Suite, RejectsInvalidFilesWithPlaceAndNearestName) {
  EXPECT_THAT(error_of(std::string(head) + "    steps: [{send: shrek}]\n"),
              testing::AllOf(HasSubstr("mine.yaml:6:"), HasSubstr("did you mean shre")));
  EXPECT_THAT(
      error_of(std::string(head) + "    steps: [{expect: shrep, fields: {secct.statuss: 1}}]\n"),
      HasSubstr("did you mean secct.status?"));
  EXPECT_THAT(error_of(std::string(head) + "    steps: [{expect: shrep, check: verbatm}]\n"),
              HasSubstr("did you mean verbatim?"));
  EXPECT_THAT(error_of(std::string(head) + "    steps: [{sned: shrep}]\n"),
              HasSubstr("did you mean send?"));
  EXPECT_THAT(error_of(std::string(head) + "    steps: [{send: shreq, wihtin: 1}]\n"),
              HasSubstr("unknown key 'wihtin'"));
  EXPECT_THAT(
      error_of(std::string(head) + "    steps: [{expect: shrep}]\n    mutate: {send: shreq, "
                                   "set: {secct.code: 1}, then: []}\n"),
      HasSubstr("the case has no step that sends 'shreq'"));
  EXPECT_THAT(
      error_of("cases: [{id: A, title: t, role: pr, clauses: [RELOC-5.2-99], steps: []}]\n"),
      HasSubstr("unknown clause 'RELOC-5.2-99'"));
  EXPECT_THAT(error_of("cases: [{id: A, title: t, role: px, clauses: [RELOC-5.2-2], steps: []}]\n"),
              HasSubstr("expected one of nr, pr, fa"));
  EXPECT_THAT(error_of("cases: [{title: t}]\n"), HasSubstr("'id' is missing"));
  EXPECT_THAT(error_of("casess: []\n"), HasSubstr("'cases' is missing"));
  EXPECT_THAT(error_of("just text"), HasSubstr("expected a mapping"));
  EXPECT_THAT(error_of("a: [b"), HasSubstr("mine.yaml"));
}

TEST(Suite, ReplacesUseByTheStepsOfTheSequence) {
  const auto cases = read_suite(
      "sequences:\n  both: [{send: shreq}, {expect: shrep}]\n"
      "cases:\n"
      "  - {id: A, title: t, role: pr, clauses: [RELOC-5.2-2], steps: [{use: both}, {use: "
      "asked}]}\n",
      "mine.yaml", built_in_sequences());
  EXPECT_EQ(cases[0].steps.size(), 4U);
  EXPECT_THAT(error_of("cases: [{id: A, title: t, role: pr, clauses: [RELOC-5.2-2], "
                       "steps: [{use: askd}]}]\n"),
              HasSubstr("unknown sequence 'askd'"));
}

TEST(Suite, RejectsInvalidSteps) {
  const auto step = [](const std::string& text) {
    return error_of(std::string(head) + "    steps: [" + text + "]\n");
  };
  EXPECT_THAT(step("{send: shreq, expect: shrep}"),
              HasSubstr("a step cannot have both send and expect"));
  EXPECT_THAT(step("{wait: 0}"), HasSubstr("expected seconds"));
  EXPECT_THAT(step("{send: shreq, contexts: [1]}"),
              HasSubstr("only hi and shrep contain contexts"));
  EXPECT_THAT(step("{send: shrep, contexts: [0]}"), HasSubstr("expected a number from 1"));
  EXPECT_THAT(step("{send: shrep, mtu: 10}"), HasSubstr("expected 96 or more"));
  EXPECT_THAT(step("{echo: sideways}"),
              HasSubstr("expected clear, transferred or the numbers of SAs"));
  EXPECT_THAT(step("{echo: 1, sequence: next}"), HasSubstr("expected +N or -N"));
  EXPECT_THAT(step("{echo: 1, ports: [1, 2]}"), HasSubstr("in a udp step"));
  EXPECT_THAT(step("{trigger: false}"), HasSubstr("expected true"));
  EXPECT_THAT(error_of(std::string(head) + "    needs: [reactiv]\n    steps: []\n"),
              HasSubstr("unknown capability 'reactiv'; did you mean reactive?"));
  EXPECT_THAT(error_of(std::string(head) + "    policies: {confidental: true}\n    steps: []\n"),
              HasSubstr("did you mean confidential?"));
  EXPECT_THAT(
      error_of(std::string(head) + "    sas: [{type: 5, direction: up, spt: 9}]\n    steps: []\n"),
      HasSubstr("expected one of to-mn, from-mn, out"));
}

TEST(Suite, RejectsDuplicateIds) {
  const auto one =
      "  - {id: A, title: t, role: pr, clauses: [RELOC-5.2-2], steps: [{send: shreq}]}\n";
  EXPECT_THAT(error_of(std::string("cases:\n") + one + one),
              HasSubstr("mine.yaml:3: another case has the id 'A' already"));
}

// The catalogue is read by the generator, which does not know the clauses.
TEST(MalformedCases, NameClausesThatExist) {
  for (const auto& c : malformed_cases()) {
    ASSERT_FALSE(c.clauses.empty()) << c.id;
    for (const auto& id : c.clauses) EXPECT_NE(find_clause(id), nullptr) << c.id << ": " << id;
  }
}

TEST(MalformedCases, SendTheTwinInTheControlAndTheFaultInTheMutation) {
  const auto cases = malformed_cases();
  const auto found = std::ranges::find(cases, "MALFORMED/shrep-ack-no-s-no-status", &Case::id);
  ASSERT_NE(found, cases.end());
  ASSERT_TRUE(found->mutation);
  const auto index = found->mutation->step;
  EXPECT_EQ(found->steps[index].message, "shrep-ack");
  EXPECT_FALSE(steps_of(*found, false)[index].faulty);
  EXPECT_TRUE(steps_of(*found, true)[index].faulty);
}

// docs/clauses.yaml: a clause with `test: case` needs a case in each role that it binds.
TEST(BuiltInCases, TestEveryClauseInEachRoleThatItBinds) {
  std::map<std::string, std::set<std::string_view>> roles;
  for (const auto& c : built_in_cases()) {
    for (const auto& id : c.clauses) roles[id].insert(role_name(c.role));
  }
  for (const auto& clause : clauses()) {
    if (clause.test != "case") continue;
    const auto wanted = clause.role == "any" ? std::vector<std::string>{"nr", "pr"}
                                             : std::vector<std::string>{clause.role};
    for (const auto& role : wanted) {
      EXPECT_TRUE(roles[clause.id].contains(role))
          << clause.id << " has no case with role " << role;
    }
  }
}

}  // namespace
}  // namespace secct::replay
