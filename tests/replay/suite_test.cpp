// SPDX-License-Identifier: GPL-2.0-or-later
// Cases as data: what is read, and what is refused with which words.
#include "replay/suite.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/yaml_reader.hpp"
#include "replay/ledger.hpp"

namespace secct {
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
                                    "      step: 1\n"
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
              HasSubstr("expected send, expect"));
  EXPECT_THAT(refusal(std::string(head) + "    steps: [{send: shreq, wihtin: 1}]\n"),
              HasSubstr("unknown key 'wihtin'"));
  EXPECT_THAT(
      refusal(
          std::string(head) +
          "    steps: [{expect: shrep}]\n    mutate: {step: 1, set: {secct.code: 1}, then: []}\n"),
      HasSubstr("expected the number of a send step"));
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
  const auto cases = built_in_cases();
  EXPECT_GE(cases.size(), 20U);
  std::size_t mutated = 0;
  for (const auto& c : cases) {
    EXPECT_FALSE(c.clauses.empty()) << c.id;
    for (const auto& id : c.clauses) EXPECT_NE(find_clause(id), nullptr) << c.id << ": " << id;
    mutated += c.mutation ? 1U : 0U;
  }
  EXPECT_GE(mutated, 8U);
}

TEST(Suite, SelectsByIdPatternOrClause) {
  Case c;
  c.id = "RELOC-5.2-3/octets-after-r1";
  c.clauses = {"RELOC-5.2-3", "RELOC-5.4-102"};
  EXPECT_TRUE(selected(c, {}));
  EXPECT_TRUE(selected(c, {"RELOC-5.2-*"}));
  EXPECT_TRUE(selected(c, {"after-r1"}));
  EXPECT_TRUE(selected(c, {"nothing", "RELOC-5.4-102"}));
  EXPECT_FALSE(selected(c, {"FRAME"}));
}

TEST(Ledger, IsTheWholeLedger) {
  EXPECT_GE(clauses().size(), 100U);
  ASSERT_NE(find_clause("RELOC-5.2-3"), nullptr);
  EXPECT_EQ(find_clause("RELOC-5.2-3")->text, "R1 with octets after Req-SPT is refused");
  EXPECT_TRUE(find_clause("RELOC-5.2-3")->binding());
  EXPECT_FALSE(find_clause("FRAME-4.1-2")->binding());
  EXPECT_EQ(find_clause("RELOC-0"), nullptr);
}

}  // namespace
}  // namespace secct
