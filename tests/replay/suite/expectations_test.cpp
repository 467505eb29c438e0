// SPDX-License-Identifier: GPL-2.0-or-later
// Expectation files, earlier reports, the schema of suite files.
#include "replay/suite/expectations.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "files/yaml_reader.hpp"
#include "replay/suite/suite_schema.hpp"

namespace secct::replay {
namespace {

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

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "not refused";
}

TEST(Expect, AKnownFailureIsNoDifferenceAndAnUnexpectedPassIsOne) {
  const auto cases = cases_named({"A/one", "A/two", "B/three", "B/four"});
  const auto file = file_with(
      "- {id: A/one, verdict: FAIL, reason: vendor bug 7}\n"
      "- {id: \"A/*\", verdict: NON-STRICT, reason: known}\n"
      "- {id: B/four, verdict: FAIL, reason: mended in 2.1}\n");
  const auto expectations = load_expectations(file, cases);
  const auto differ = differences(
      cases, results_of({Verdict::fail, Verdict::non_strict, Verdict::pass, Verdict::pass}),
      expectations, false);
  ASSERT_EQ(differ.size(), 1U);
  EXPECT_EQ(differ[0].id, "B/four");
  EXPECT_EQ(differ[0].expected, Verdict::fail);
  EXPECT_EQ(differ[0].found, Verdict::pass);
  EXPECT_EQ(differ[0].reason, "mended in 2.1");
}

TEST(Expect, WithoutAnExpectationNonStrictCountsOnlyWhenStrict) {
  const auto cases = cases_named({"A", "B", "C"});
  const auto results = results_of({Verdict::non_strict, Verdict::unsupported, Verdict::setup_fail});
  EXPECT_EQ(differences(cases, results, {}, false).size(), 1U);
  EXPECT_EQ(differences(cases, results, {}, true).size(), 2U);
}

TEST(Expect, SaysWhatIsWrongInTheFile) {
  const auto cases = cases_named({"RELOC-5.2-2/all-sas"});
  const auto load = [&](const std::string& text) {
    return refusal([&] { load_expectations(file_with(text), cases); });
  };
  EXPECT_THAT(
      load("- {id: RELOC-5.2-2/all-sa, verdict: FAIL, reason: r}\n"),
      testing::AllOf(HasSubstr(".yaml:1:"), HasSubstr("did you mean RELOC-5.2-2/all-sas?")));
  EXPECT_THAT(load("- {id: \"*\", verdict: FIAL, reason: r}\n"), HasSubstr("did you mean FAIL?"));
  EXPECT_THAT(load("- {id: \"*\", verdict: FAIL}\n"), HasSubstr("'reason' is missing"));
  EXPECT_THAT(load("id: a\n"), HasSubstr("expected a list"));
}

TEST(FailedIn, NamesWhatDidNotPass) {
  const auto ids = failed_in(
      file_with(R"({"cases": [{"id": "A", "verdict": "PASS"}, {"id": "B", "verdict": "FAIL"},
                   {"id": "C", "verdict": "UNSUPPORTED"}, {"id": "D", "verdict": "INCONCLUSIVE"}]})"));
  EXPECT_THAT(ids, testing::ElementsAre("B", "D"));
  EXPECT_THAT(refusal([] { failed_in(file_with("[]")); }), HasSubstr("no list 'cases'"));
  EXPECT_THAT(refusal([] { failed_in(file_with("{")); }), HasSubstr("not JSON"));
  EXPECT_THAT(refusal([] { failed_in(file_with(R"({"cases": [{"id": 4}]})")); }),
              HasSubstr("a case without id"));
}

TEST(Schema, IsTheOneInTheDocumentation) {
  EXPECT_EQ(suite_schema(), read_text(SECCT_SOURCE_DIR "/docs/suite.schema.json"))
      << "secct list suite-schema > docs/suite.schema.json";
  const auto schema = nlohmann::json::parse(suite_schema());
  EXPECT_EQ(schema["type"], "object");
  EXPECT_TRUE(schema["$defs"]["step"]["properties"].contains("expect-repeat"));
  EXPECT_EQ(schema["$defs"]["case"]["required"].size(), 5U);
}

}  // namespace
}  // namespace secct::replay
