// SPDX-License-Identifier: GPL-2.0-or-later
// Cases as data: what is read, and what is refused with which words.
#include "replay/suite/suite.hpp"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/yaml_reader.hpp"
#include "replay/suite/clauses.hpp"
#include "replay/suite/select.hpp"

namespace secct::replay {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    read_suite(text, "mine.yaml");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "not refused";
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

TEST(Suite, SaysWhereAndWhatIsWrong) {
  EXPECT_THAT(refusal(std::string(head) + "    steps: [{send: shrek}]\n"),
              testing::AllOf(HasSubstr("mine.yaml:6:"), HasSubstr("did you mean shre")));
  EXPECT_THAT(
      refusal(std::string(head) + "    steps: [{expect: shrep, fields: {secct.statuss: 1}}]\n"),
      HasSubstr("did you mean secct.status?"));
  EXPECT_THAT(refusal(std::string(head) + "    steps: [{expect: shrep, check: verbatm}]\n"),
              HasSubstr("did you mean verbatim?"));
  EXPECT_THAT(refusal(std::string(head) + "    steps: [{sned: shrep}]\n"),
              HasSubstr("did you mean send?"));
  EXPECT_THAT(refusal(std::string(head) + "    steps: [{send: shreq, wihtin: 1}]\n"),
              HasSubstr("unknown key 'wihtin'"));
  EXPECT_THAT(refusal(std::string(head) + "    steps: [{expect: shrep}]\n    mutate: {send: shreq, "
                                          "set: {secct.code: 1}, then: []}\n"),
              HasSubstr("the case does not send 'shreq'"));
  EXPECT_THAT(refusal("cases: [{id: A, title: t, role: pr, clauses: [RELOC-5.2-99], steps: []}]\n"),
              HasSubstr("unknown clause 'RELOC-5.2-99'"));
  EXPECT_THAT(refusal("cases: [{id: A, title: t, role: px, clauses: [RELOC-5.2-2], steps: []}]\n"),
              HasSubstr("expected one of nr, pr, fa"));
  EXPECT_THAT(refusal("cases: [{title: t}]\n"), HasSubstr("'id' is missing"));
  EXPECT_THAT(refusal("casess: []\n"), HasSubstr("'cases' is missing"));
  EXPECT_THAT(refusal("just text"), HasSubstr("expected a mapping"));
  EXPECT_THAT(refusal("a: [b"), HasSubstr("mine.yaml"));
}

TEST(Suite, BuiltInCasesNameClausesThatExist) {
  const auto& cases = built_in_cases();
  EXPECT_GE(cases.size(), 250U);
  std::size_t mutated = 0;
  for (const auto& c : cases) {
    EXPECT_FALSE(c.clauses.empty()) << c.id;
    for (const auto& id : c.clauses) EXPECT_NE(find_clause(id), nullptr) << c.id << ": " << id;
    mutated += c.mutation ? 1U : 0U;
  }
  EXPECT_GE(mutated, 80U);
}

bool fits(const Case& c, std::vector<std::string> patterns) { return selected(c, patterns); }

TEST(Select, ByIdClauseSectionRoleAndTag) {
  Case c;
  c.id = "RELOC-5.2-3/octets-after-r1";
  c.title = "R1 with octets";
  c.section = "RELOC 5.2";
  c.role = Role::pr;
  c.clauses = {"RELOC-5.2-3", "RELOC-5.4-102"};
  c.tags = {"order"};
  EXPECT_TRUE(fits(c, {}));
  EXPECT_TRUE(fits(c, {"RELOC-5.2-*"}));
  EXPECT_TRUE(fits(c, {"after-r1"}));
  EXPECT_TRUE(fits(c, {"nothing", "RELOC-5.4-102"}));
  EXPECT_FALSE(fits(c, {"FRAME"}));
  EXPECT_TRUE(fits(c, {"pr"}));
  EXPECT_TRUE(fits(c, {"role:pr"}));
  EXPECT_FALSE(fits(c, {"role:nr"}));
  EXPECT_TRUE(fits(c, {"section:reloc 5.2"}));
  EXPECT_TRUE(fits(c, {"tag:order"}));
  EXPECT_FALSE(fits(c, {"tag:timing"}));
  EXPECT_FALSE(fits(c, {"clause:RELOC-5.2-4"}));
  EXPECT_TRUE(fits(c, {"clause:RELOC-5.2-?"}));
  EXPECT_TRUE(fits(c, {"title:R1*"}));
  EXPECT_FALSE(fits(c, {"id:after-r1"}));
  EXPECT_THROW(fits(c, {"clauses:RELOC"}), UsageError);
}

TEST(Matrix, MakesACaseOfEachRow) {
  const auto cases = read_suite(
      "cases:\n"
      "  - id: A/<name>-<n>\n"
      "    title: <n> of <name>\n"
      "    role: pr\n"
      "    clauses: [RELOC-5.2-2]\n"
      "    for: {name: [x, y], n: [1, 2, 3]}\n"
      "    steps: [{send: shreq, set: {secct.auth.replay: <n>}}]\n",
      "mine.yaml");
  ASSERT_EQ(cases.size(), 6U);
  EXPECT_EQ(cases[0].id, "A/x-1");
  EXPECT_EQ(cases[5].id, "A/y-3");
  EXPECT_EQ(cases[4].title, "2 of y");
  EXPECT_EQ(cases[4].steps[0].edits[0].value, "2");
}

TEST(Matrix, ARowMayHoldListsAndMappings) {
  const auto cases = read_suite(
      "cases:\n"
      "  - id: A/<name>\n"
      "    title: t\n"
      "    role: pr\n"
      "    clauses: [RELOC-5.2-2]\n"
      "    for:\n"
      "      - {name: x, set: {secct.auth.replay: 4, secct.naddr: \"::\"}, steps: [{send: "
      "shreq}]}\n"
      "      - {name: y, set: {secct.auth.replay: 5}, steps: [{send: shreq}, {expect: shrep}]}\n"
      "    steps: <steps>\n"
      "    mutate: {send: shreq, set: <set>, then: discarded}\n",
      "mine.yaml");
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].mutation->edits.size(), 2U);
  EXPECT_EQ(cases[1].steps.size(), 2U);
  // Discarded: silence, then the steps of the control show that nothing changed.
  ASSERT_EQ(cases[1].mutation->then.size(), 3U);
  EXPECT_EQ(cases[1].mutation->then[0].kind, CaseStep::Kind::nothing);
  EXPECT_EQ(cases[1].mutation->then[1].message, "shreq");
  EXPECT_EQ(cases[1].mutation->then[2].clause, "ROBUST-9");
}

TEST(Matrix, SaysWhatIsWrong) {
  const std::string body =
      "    title: t\n    role: pr\n    clauses: [RELOC-5.2-2]\n    steps: [{send: <message>}]\n";
  EXPECT_THAT(
      refusal("cases:\n  - id: A\n    for: {mesage: [shreq]}\n" + body),
      testing::AllOf(HasSubstr("mine.yaml:7:"), HasSubstr("unknown <message>; did you mean")));
  EXPECT_THAT(refusal("cases:\n  - id: A\n    for: {message: shreq}\n" + body),
              HasSubstr("expected a list of values"));
  EXPECT_THAT(refusal("cases:\n  - id: A\n    for: []\n" + body),
              HasSubstr("expected a list of rows"));
  EXPECT_THAT(refusal("cases:\n  - id: A\n    for: [{message: a, x: 1}, {message: b}]\n" + body),
              HasSubstr("names of the first row"));
  // A value of a row is wrong where the case begins.
  EXPECT_THAT(refusal("cases:\n  - id: A\n    for: {message: [shrek]}\n" + body),
              testing::AllOf(HasSubstr("mine.yaml:2:"), HasSubstr("steps[0].send"),
                             HasSubstr("did you mean shre")));
  EXPECT_THAT(refusal("cases:\n  - id: A\n    for: {message: [shreq, shrep]}\n" + body),
              HasSubstr("the case 'A' exists already"));
}

TEST(Suite, UsesSequences) {
  const auto cases = read_suite(
      "sequences:\n  both: [{send: shreq}, {expect: shrep}]\n"
      "cases:\n"
      "  - {id: A, title: t, role: pr, clauses: [RELOC-5.2-2], steps: [{use: both}, {use: "
      "asked}]}\n",
      "mine.yaml", built_in_sequences());
  EXPECT_EQ(cases[0].steps.size(), 4U);
  EXPECT_THAT(refusal("cases: [{id: A, title: t, role: pr, clauses: [RELOC-5.2-2], "
                      "steps: [{use: askd}]}]\n"),
              HasSubstr("unknown sequence 'askd'"));
}

TEST(Suite, RefusesWhatNoStepCanMean) {
  const auto step = [](const std::string& text) {
    return refusal(std::string(head) + "    steps: [" + text + "]\n");
  };
  EXPECT_THAT(step("{send: shreq, expect: shrep}"), HasSubstr("both send and expect"));
  EXPECT_THAT(step("{wait: 0}"), HasSubstr("expected seconds"));
  EXPECT_THAT(step("{send: shreq, contexts: [1]}"), HasSubstr("only hi and shrep hold contexts"));
  EXPECT_THAT(step("{send: shrep, contexts: [0]}"), HasSubstr("expected a number from 1"));
  EXPECT_THAT(step("{send: shrep, mtu: 10}"), HasSubstr("expected 96 or more"));
  EXPECT_THAT(step("{echo: sideways}"), HasSubstr("expected clear, transferred or numbers"));
  EXPECT_THAT(step("{echo: 1, sequence: next}"), HasSubstr("expected +N or -N"));
  EXPECT_THAT(step("{echo: 1, ports: [1, 2]}"), HasSubstr("of a udp step"));
  EXPECT_THAT(step("{trigger: false}"), HasSubstr("expected true"));
  EXPECT_THAT(refusal(std::string(head) + "    needs: [reactiv]\n    steps: []\n"),
              HasSubstr("unknown capability 'reactiv'; did you mean reactive?"));
  EXPECT_THAT(refusal(std::string(head) + "    policies: {confidental: true}\n    steps: []\n"),
              HasSubstr("did you mean confidential?"));
  EXPECT_THAT(
      refusal(std::string(head) + "    sas: [{type: 5, direction: up, spt: 9}]\n    steps: []\n"),
      HasSubstr("expected one of to-mn, from-mn, out"));
}

// docs/clauses.yaml: `test: case` wants a case in each role that the clause binds.
TEST(Suite, EveryClauseHasACaseInEachRoleThatItBinds) {
  std::map<std::string, std::set<std::string_view>> roles;
  for (const auto& c : built_in_cases()) {
    for (const auto& id : c.clauses) roles[id].insert(role_name(c.role));
  }
  for (const auto& clause : clauses()) {
    if (clause.test != "case") continue;
    const auto wanted = clause.role == "any" ? std::vector<std::string>{"nr", "pr"}
                                             : std::vector<std::string>{clause.role};
    for (const auto& role : wanted) {
      EXPECT_TRUE(roles[clause.id].contains(role)) << clause.id << " has no case of role " << role;
    }
  }
}

TEST(Ledger, IsTheWholeLedger) {
  EXPECT_GE(clauses().size(), 100U);
  ASSERT_NE(find_clause("RELOC-5.2-3"), nullptr);
  EXPECT_EQ(find_clause("RELOC-5.2-3")->text, "The PR MUST refuse R1 with octets after Req-SPT.");
  EXPECT_EQ(find_clause("RELOC-5.2-3")->quote,
            "In this case the fields following the Req-SPT field MUST NOT be sent.");
  EXPECT_TRUE(find_clause("ROBUST-1")->quote.empty());  // of no draft
  EXPECT_TRUE(find_clause("RELOC-5.2-3")->binding());
  EXPECT_FALSE(find_clause("FRAME-4.1-2")->binding());
  EXPECT_TRUE(find_clause("ROBUST-13")->binding());  // a decision of wire-format.md
  EXPECT_FALSE(find_clause("ROBUST-1")->binding());  // of behaviour.md
  EXPECT_EQ(find_clause("RELOC-0"), nullptr);
}

}  // namespace
}  // namespace secct::replay
