// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/case_parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/suite/suite.hpp"
#include "tests/generator/support.hpp"

namespace secct::replay {
namespace {

using generator::test::error_of;

using testing::AllOf;
using testing::HasSubstr;

const YamlPlace place{"mine.yaml", "cases[0].for"};

std::vector<std::string> names_and_values(const std::string& yaml) {
  std::vector<std::string> texts;
  for (const auto& row : read_parameter_rows(parse_yaml(yaml, "mine.yaml"), place)) {
    auto& text = texts.emplace_back();
    for (const auto& [name, value] : row) text += name + "=" + YAML::Dump(value) + " ";
  }
  return texts;
}

std::string substituted(const std::string& yaml, const std::string& row) {
  const auto rows = read_parameter_rows(parse_yaml("[" + row + "]", "mine.yaml"), place);
  CopyBudget budget;
  return YAML::Dump(substitute(parse_yaml(yaml, "mine.yaml"), rows.at(0), place, budget));
}

TEST(ParameterRows, OfAListAreItsMappings) {
  EXPECT_THAT(names_and_values("[{a: 1, b: x}, {a: 2, b: [y]}]"),
              testing::ElementsAre("a=1 b=x ", "a=2 b=[y] "));
}

TEST(ParameterRows, OfAMappingAreAllCombinations) {
  EXPECT_THAT(names_and_values("{a: [1, 2], b: [x, y]}"),
              testing::ElementsAre("a=1 b=x ", "a=1 b=y ", "a=2 b=x ", "a=2 b=y "));
}

TEST(ParameterRows, RejectOtherValues) {
  const auto error = [](const std::string& yaml) {
    return error_of([&] { names_and_values(yaml); });
  };
  EXPECT_THAT(error("[]"), HasSubstr("expected a list of rows"));
  EXPECT_THAT(error("text"), HasSubstr("expected a list of rows"));
  EXPECT_THAT(error("[x]"), HasSubstr("expected a mapping"));
  EXPECT_THAT(error("{a: x}"), HasSubstr("a: expected a list of values"));
  EXPECT_THAT(error("[{a: 1, b: 1}, {a: 2}]"), HasSubstr("same names as in the first row"));
}

TEST(ParameterRows, RejectMoreThan4096) {
  std::string list = "0";
  for (int i = 1; i < 65; ++i) list += "," + std::to_string(i);
  EXPECT_THAT(error_of([&] { names_and_values("{a: [" + list + "], b: [" + list + "]}"); }),
              HasSubstr("more than 4096 rows"));
}

TEST(Substitute, ReplacesNamesInTextsKeysAndLists) {
  EXPECT_EQ(substituted("\"<n> of <name>\"", "{n: 2, name: y}"), "2 of y");
  EXPECT_EQ(substituted("{x-<n>: [<n>, 3]}", "{n: 2}"), "x-2:\n  - 2\n  - 3");
}

TEST(Substitute, ReplacesATextOfANameOnlyByTheValueItself) {
  EXPECT_EQ(substituted("{set: <v>}", "{v: [1, 2]}"), "set: [1, 2]");
}

TEST(Substitute, KeepsAngleBracketsAroundOtherTexts) {
  EXPECT_EQ(substituted("\"a < b, <Not a name>, <n>\"", "{n: 2}"), "a < b, <Not a name>, 2");
}

TEST(Substitute, RejectsUnknownNamesAndListsInTexts) {
  const auto error = [](const std::string& yaml, const std::string& row) {
    return error_of([&] { substituted(yaml, row); });
  };
  EXPECT_THAT(
      error("<messag>", "{message: shreq}"),
      AllOf(HasSubstr("mine.yaml:1"), HasSubstr("unknown <messag>; did you mean message?")));
  EXPECT_THAT(error("\"a <v>\"", "{v: [1]}"), HasSubstr("<v> is a list or a mapping"));
}

constexpr const char* body =
    "    title: <n> of <name>\n"
    "    role: pr\n"
    "    clauses: [RELOC-5.2-2]\n";

TEST(CaseParameters, MakeOneCasePerRow) {
  const auto cases = read_suite(std::string("cases:\n"
                                            "  - id: A/<name>-<n>\n") +
                                    body +
                                    "    for: {name: [x, y], n: [1, 2, 3]}\n"
                                    "    steps: [{send: shreq, set: {secct.auth.replay: <n>}}]\n",
                                "mine.yaml");
  ASSERT_EQ(cases.size(), 6U);
  EXPECT_EQ(cases[0].id, "A/x-1");
  EXPECT_EQ(cases[5].id, "A/y-3");
  EXPECT_EQ(cases[4].title, "2 of y");
  EXPECT_EQ(cases[4].steps[0].edits[0].value, "2");
}

TEST(CaseParameters, MayBeStepsAndEdits) {
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
}

TEST(CaseParameters, RefuseCopiesThatAreMuchLargerThanTheFile) {
  const std::string text(100'000, 'x');
  const auto error = error_of([&] {
    read_suite(
        "cases:\n  - id: A/<n>-<m>-<o>\n    title: <n> " + text +
            "\n    role: pr\n    clauses: [RELOC-5.2-2]\n"
            "    for: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], m: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],"
            " o: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}\n    steps: [{send: shreq}]\n",
        "mine.yaml");
  });
  EXPECT_THAT(error, AllOf(HasSubstr("mine.yaml:"), HasSubstr("copies of more than 64 MiB")));
}

// Each sequence uses the one before it ten times.
TEST(Sequences, RefuseCopiesThatAreMuchLargerThanTheFile) {
  std::string text = "sequences:\n  s0: [{send: shreq}]\n";
  for (int i = 1; i < 9; ++i) {
    text += "  s" + std::to_string(i) + ": [";
    for (int k = 0; k < 10; ++k) text += "{use: s" + std::to_string(i - 1) + "}, ";
    text += "]\n";
  }
  const auto error = error_of([&] {
    read_suite(text +
                   "cases:\n  - id: A\n    title: t\n    role: pr\n"
                   "    clauses: [RELOC-5.2-2]\n    steps: [{use: s8}]\n",
               "mine.yaml");
  });
  EXPECT_THAT(error, HasSubstr("copies of more than 64 MiB"));
}

// The error is in the row, but nodes of the case have no line number after the substitution.
TEST(CaseParameters, ReportInvalidValuesAtTheLineOfTheCase) {
  EXPECT_THAT(
      error_of([] {
        read_suite(std::string("cases:\n  - id: A\n    for: {message: [shrek], n: [1], name: "
                               "[a]}\n") +
                       body + "    steps: [{send: <message>}]\n",
                   "mine.yaml");
      }),
      AllOf(HasSubstr("mine.yaml:2:"), HasSubstr("steps[0].send"), HasSubstr("did you mean shre")));
}

}  // namespace
}  // namespace secct::replay
