// SPDX-License-Identifier: GPL-2.0-or-later
// The engine against the embedded router: verdicts, controls, failures that name their place.
#include "replay/engine.hpp"

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "generator/capture.hpp"
#include "generator/yaml_reader.hpp"
#include "replay/expect.hpp"
#include "replay/report.hpp"

namespace secct {
namespace {

using testing::HasSubstr;

std::vector<Case> one(const std::string& role, const std::string& rest) {
  return read_suite("cases:\n  - id: T/one\n    title: t\n    role: " + role +
                        "\n    clauses: [RELOC-5.2-2]\n" + rest,
                    "t.yaml");
}

CaseResult run_one(const std::vector<Case>& cases) {
  return run_embedded(cases, default_lab(), {}).at(0);
}

// Where the results of all cases are not what they should be, one line each. What the reference
// router is known not to do yet stands in reference.yaml; a case that passes now must leave it.
std::string unexpected(const std::vector<CaseResult>& results) {
  const auto& cases = built_in_cases();
  const auto known = load_expectations(SECCT_SOURCE_DIR "/tests/replay/reference.yaml", cases);
  std::string text;
  for (const auto& difference : differences(cases, results, known, true)) {
    const auto place = std::ranges::find(cases, difference.id, &Case::id) - cases.begin();
    text += difference.id + ": " + std::string(name(difference.found)) + ": " +
            results[static_cast<std::size_t>(place)].failure.reason() + "\n";
  }
  return text;
}

TEST(Engine, TheReferenceRouterPassesEveryCase) {
  const auto results = run_embedded(built_in_cases(), default_lab(), {});
  EXPECT_EQ(unexpected(results), "");
  for (const auto& result : results) {
    EXPECT_TRUE(!result.packets.empty() || result.verdict == Verdict::unsupported);
  }
}

TEST(Engine, OneAtATimeGivesTheSameVerdicts) {
  EngineOptions options;
  options.jobs = 1;
  std::size_t last = 0;
  options.progress = [&](std::size_t done, std::size_t) { last = std::max(last, done); };
  EXPECT_EQ(unexpected(run_embedded(built_in_cases(), default_lab(), options)), "");
  EXPECT_EQ(last, built_in_cases().size());
}

TEST(Engine, TimingScaleStretchesTheWholeRun) {
  auto lab = default_lab();
  lab.timing_scale = 3;
  EXPECT_EQ(unexpected(run_embedded(built_in_cases(), lab, {})), "");
}

TEST(Engine, AWrongValueIsAFailWithFieldAndBothValues) {
  const auto result = run_one(one("pr",
                                  "    steps:\n"
                                  "      - send: shreq\n"
                                  "      - expect: shrep\n"
                                  "        fields: {secct.status: 105}\n"));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.failure.clause, "RELOC-5.2-2");
  EXPECT_EQ(result.failure.field, "secct.status");
  EXPECT_EQ(result.failure.expected, "105");
  EXPECT_THAT(result.failure.actual, HasSubstr("200"));
}

TEST(Engine, AnotherErrorStatusIsNonStrict) {
  const auto result = run_one(one("pr",
                                  "    steps:\n"
                                  "      - send: shreq\n"
                                  "        set: {secct.auth.token: 1}\n"
                                  "      - expect: shrep\n"
                                  "        fields: {secct.status: 104}\n"));
  EXPECT_EQ(result.verdict, Verdict::non_strict);
}

TEST(Engine, AnAnswerWhereNoneMayComeIsAFail) {
  const auto result =
      run_one(one("pr", "    steps:\n      - send: shreq\n      - expect-nothing: 0.2\n"));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.failure.actual, "shrep");
}

TEST(Engine, NoAnswerIsAFail) {
  const auto result = run_one(one("pr",
                                  "    steps:\n"
                                  "      - send: shreq\n"
                                  "        set: {ipv6.hlim: 3}\n"
                                  "      - expect: shrep\n"));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.failure.reason(), HasSubstr("no answer"));
}

TEST(Engine, AnUnexpectedMessageIsAFail) {
  const auto result = run_one(one("pr", "    steps:\n      - send: shreq\n      - expect: hack\n"));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.failure.expected, "hack");
  EXPECT_EQ(result.failure.actual, "shrep");
}

TEST(Engine, AFailingControlIsSetupFail) {
  const auto result = run_one(one("pr",
                                  "    steps:\n"
                                  "      - send: shreq\n"
                                  "      - expect: shrep\n"
                                  "        fields: {secct.status: 100}\n"
                                  "    mutate:\n"
                                  "      send: shreq\n"
                                  "      set: {secct.auth.token: 1}\n"
                                  "      then: [{expect: shrep}]\n"));
  EXPECT_EQ(result.verdict, Verdict::setup_fail);
  EXPECT_THAT(result.failure.text, HasSubstr("without the mutation"));
}

TEST(Engine, WhatTheRouterCannotIsUnsupported) {
  auto lab = default_lab();
  lab.capabilities = {"reactive"};
  const auto cases =
      one("pr", "    needs: [esp]\n    steps:\n      - send: shreq\n      - expect: shrep\n");
  const auto result = run_embedded(cases, lab, {}).at(0);
  EXPECT_EQ(result.verdict, Verdict::unsupported);
  EXPECT_THAT(result.failure.text, HasSubstr("needs the capability esp"));
  EXPECT_THAT(result.failure.text, HasSubstr("a probe of it passes"));
}

TEST(Engine, AMistakeInACaseIsAFaultOfTheTool) {
  const auto unknown_word = run_one(one("pr",
                                        "    steps:\n"
                                        "      - send: shreq\n"
                                        "        set: {secct.naddr: $nadr}\n"));
  EXPECT_EQ(unknown_word.verdict, Verdict::tool_error);
  EXPECT_THAT(unknown_word.failure.text, HasSubstr("$nadr"));
  const auto late = run_one(one("pr",
                                "    steps:\n"
                                "      - send: shreq\n"
                                "      - expect: shrep\n"
                                "      - send: shreq\n"
                                "        set: {secct.naddr: $nadr}\n"));
  EXPECT_EQ(late.verdict, Verdict::tool_error);
}

TEST(Engine, TooFewMobileNodesIsSetupFail) {
  auto lab = default_lab();
  lab.mobile_node_count = 1;
  const auto& cases = built_in_cases();
  std::size_t setup_failed = 0;
  for (const auto& result : run_embedded(cases, lab, {})) {
    setup_failed += result.verdict == Verdict::setup_fail ? 1U : 0U;
  }
  EXPECT_GT(setup_failed, 0U);
}

class ReportTest : public testing::Test {
 protected:
  ReportTest() {
    report_.dut = "a <router>";
    report_.cases = one("pr",
                        "    steps:\n      - send: shreq\n      - expect: shrep\n"
                        "        fields: {secct.status: 105}\n");
    report_.results = run_embedded(report_.cases, default_lab(), {});
  }
  Report report_;
};

TEST_F(ReportTest, TableShowsClauseSentenceFieldAndValues) {
  const auto table = to_table(report_, false);
  EXPECT_THAT(table, HasSubstr("RELOC-5.2-2 (MUST): R1 returns all SAs"));
  EXPECT_THAT(table, HasSubstr("secct.status"));
  EXPECT_THAT(table, HasSubstr("1 FAIL"));
  EXPECT_EQ(table.find('\033'), std::string::npos);
  EXPECT_NE(to_table(report_, true).find('\033'), std::string::npos);
}

TEST_F(ReportTest, JsonHasTheDocumentedKeys) {
  const auto json = nlohmann::json::parse(to_json_report(report_));
  EXPECT_EQ(json["tool"]["name"], "secct");
  EXPECT_EQ(json["dut"], "a <router>");
  EXPECT_EQ(json["summary"]["FAIL"], 1);
  const auto& entry = json["cases"][0];
  for (const auto* key :
       {"id", "title", "role", "clauses", "verdict", "reason", "duration_s", "pcap"}) {
    EXPECT_TRUE(entry.contains(key)) << key;
  }
  EXPECT_EQ(entry["verdict"], "FAIL");
}

TEST_F(ReportTest, JunitCountsFailuresAndEscapes) {
  const auto xml = to_junit(report_);
  EXPECT_THAT(xml, HasSubstr("failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("a &lt;router&gt;"));
  EXPECT_THAT(xml, HasSubstr("<failure type=\"RELOC-5.2-2\""));
}

TEST_F(ReportTest, WritesAReadableCaptureForEachCase) {
  const auto folder = testing::TempDir() + "/secct-report";
  std::filesystem::remove_all(folder);
  write_reports(report_, folder);
  std::size_t packets = 0;
  std::string last;
  EXPECT_EQ(read_capture(folder + "/T_one.pcapng",
                         [&](const CapturedPacket& packet) {
                           ++packets;
                           last = packet.comment;
                           return true;
                         }),
            "");
  EXPECT_EQ(packets, 2U);
  EXPECT_THAT(last, HasSubstr("secct.status"));
  EXPECT_THROW(write_reports(report_, "/proc/no/such/place"), UsageError);
}

}  // namespace
}  // namespace secct
