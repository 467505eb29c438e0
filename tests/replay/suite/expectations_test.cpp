// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/expectations.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/yaml_reader.hpp"
#include "tests/generator/support.hpp"

namespace secct::replay {
namespace {

using generator::test::error_of;

using testing::HasSubstr;

std::string file_with(const std::string& text) {
  auto name = testing::TempDir() + "/expect_" +
              testing::UnitTest::GetInstance()->current_test_info()->name() + ".yaml";
  std::ofstream(name) << text;
  return name;
}

std::vector<Case> cases_named(const std::vector<std::string>& ids) {
  std::vector<Case> cases(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) cases[i].id = ids[i];
  return cases;
}

std::vector<CaseResult> results_of(const std::vector<Verdict>& verdicts) {
  std::vector<CaseResult> results(verdicts.size());
  for (std::size_t i = 0; i < verdicts.size(); ++i) results[i].verdict = verdicts[i];
  return results;
}

TEST(Differences, AreCasesWhoseVerdictIsNotTheExpectedOne) {
  const auto cases = cases_named({"A/one", "A/two", "B/three", "B/four"});
  const auto file = file_with(
      "- {id: A/one, verdict: FAIL, reason: vendor bug 7}\n"
      "- {id: \"A/*\", verdict: NON-STRICT, reason: accepted}\n"
      "- {id: B/four, verdict: FAIL, reason: fixed in 2.1}\n");
  const auto expectations = load_expectations(file, cases);
  const auto differ = differences(
      cases, results_of({Verdict::fail, Verdict::non_strict, Verdict::pass, Verdict::pass}),
      expectations, false);
  ASSERT_EQ(differ.size(), 1U);
  EXPECT_EQ(differ[0].id, "B/four");
  EXPECT_EQ(differ[0].expected, Verdict::fail);
  EXPECT_EQ(differ[0].found, Verdict::pass);
  EXPECT_EQ(differ[0].reason, "fixed in 2.1");
}

TEST(Differences, IncludeNonStrictWithoutExpectationOnlyIfStrict) {
  const auto cases = cases_named({"A", "B", "C"});
  const auto results = results_of({Verdict::non_strict, Verdict::unsupported, Verdict::setup_fail});
  EXPECT_EQ(differences(cases, results, {}, false).size(), 1U);
  EXPECT_EQ(differences(cases, results, {}, true).size(), 2U);
}

TEST(LoadExpectations, RejectsInvalidFilesWithPlaceAndNearestName) {
  const auto cases = cases_named({"RELOC-5.2-2/all-sas"});
  const auto load = [&](const std::string& text) {
    return error_of([&] { load_expectations(file_with(text), cases); });
  };
  EXPECT_THAT(
      load("- {id: RELOC-5.2-2/all-sa, verdict: FAIL, reason: r}\n"),
      testing::AllOf(HasSubstr(".yaml:1:"), HasSubstr("did you mean RELOC-5.2-2/all-sas?")));
  EXPECT_THAT(load("- {id: \"*\", verdict: FIAL, reason: r}\n"), HasSubstr("did you mean FAIL?"));
  EXPECT_THAT(load("- {id: \"*\", verdict: FAIL}\n"), HasSubstr("'reason' is missing"));
  EXPECT_THAT(load("id: a\n"), HasSubstr("expected a list"));
}

TEST(FailedIn, ReturnsTheCasesThatAreNeitherPassNorUnsupported) {
  const auto ids = failed_in(
      file_with(R"({"cases": [{"id": "A", "verdict": "PASS"}, {"id": "B", "verdict": "FAIL"},
                   {"id": "C", "verdict": "UNSUPPORTED"}, {"id": "D", "verdict": "INCONCLUSIVE"}]})"));
  EXPECT_THAT(ids, testing::ElementsAre("B", "D"));
  EXPECT_THAT(error_of([] { failed_in(file_with("[]")); }), HasSubstr("expected a list 'cases'"));
  EXPECT_THAT(error_of([] { failed_in(file_with("{")); }), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of([] { failed_in(file_with(R"({"cases": [{"id": 4}]})")); }),
              HasSubstr("a case has no 'id'"));
}

}  // namespace
}  // namespace secct::replay
