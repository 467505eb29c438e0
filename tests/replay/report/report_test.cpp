// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/report.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "files/yaml_reader.hpp"
#include "generator/capture/read.hpp"
#include "replay/report/coverage.hpp"
#include "replay/suite/clauses.hpp"
#include "replay/tester/run_suite.hpp"

namespace secct::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* suite = R"(
cases:
  - id: T/right
    title: A case that passes
    role: pr
    clauses: [RELOC-5.2-2, FRAME-4.4-2]
    steps:
      - send: shreq
      - expect: shrep
        fields: {secct.status: 200}
        under: ah
  - id: T/wrong
    title: A case that fails
    role: pr
    clauses: [RELOC-4-7, RELOC-5.1-1]
    steps:
      - send: shreq
        set: {secct.auth.replay: 1}
      - expect: shrep
        fields: {secct.naddr: $naddr, secct.status: 105}
      - expect-nothing: 0.1
  - id: T/cannot
    title: A case that needs a missing capability
    role: pr
    clauses: [RELOC-5-2]
    needs: [mip4]
    steps: [{send: shreq}, {expect: shrep}]
)";

class ReportTest : public testing::Test {
 protected:
  ReportTest() {
    auto description = built_in_description();
    description.name = "a <router>";
    std::erase(description.capabilities, "mip4");
    const auto cases = read_suite(suite, "mine.yaml");
    report_ = make_report(description, cases, run_embedded(cases, description, {}));
  }

  // The report with `text` as the found value of the violation.
  std::string html_with(const std::string& text) {
    report_.entries[1].violations[0].failure.actual = text;
    return to_html(report_);
  }

  Report report_;
};

TEST_F(ReportTest, StepsCompareExpectedAndFoundValues) {
  const auto& entry = report_.entries[1];
  ASSERT_EQ(entry.steps.size(), 3U);
  EXPECT_EQ(entry.steps[0].state, ReportStep::State::done);
  EXPECT_THAT(entry.steps[0].lines, ElementsAre("send shreq", "with secct.auth.replay = 1"));
  EXPECT_EQ(entry.steps[1].state, ReportStep::State::failed);
  EXPECT_EQ(entry.steps[2].state, ReportStep::State::not_reached);
  const auto& compared = entry.steps[1].compared;
  ASSERT_EQ(compared.size(), 3U);
  EXPECT_TRUE(compared[0].good);
  EXPECT_EQ(compared[0].what, "under");
  EXPECT_EQ(compared[0].expected, "AH or ESP between the routers");
  EXPECT_EQ(compared[0].actual, "AH SPI 0x00001002");
  EXPECT_TRUE(compared[1].good);
  EXPECT_EQ(compared[1].what, "secct.naddr");
  EXPECT_EQ(compared[1].expected, compared[1].actual);
  EXPECT_FALSE(compared[2].good);
  EXPECT_EQ(compared[2].what, "secct.status");
  EXPECT_EQ(compared[2].expected, "105");
  EXPECT_EQ(compared[2].actual, "200 (0xc8) OK");
  ASSERT_EQ(entry.packets.size(), 2U);
  EXPECT_EQ(entry.packets[0].step, 0U);
  EXPECT_EQ(entry.packets[1].step, 1U);
  EXPECT_EQ(entry.violations.at(0).packet, 1U);
}

TEST_F(ReportTest, TableShowsClauseQuoteFieldAndValues) {
  const auto table = to_table(report_, false);
  EXPECT_THAT(table, HasSubstr("RELOC-4-7 (MUST): The PR MUST answer a valid SHREQ"));
  EXPECT_THAT(table, HasSubstr("draft     \"The PR then sends the security context"));
  EXPECT_THAT(table, HasSubstr("secct.status"));
  EXPECT_THAT(table, HasSubstr("1 PASS  1 FAIL  1 UNSUPPORTED  (2 of 5 clauses not judged; "));
  EXPECT_EQ(table.find('\033'), std::string::npos);
  EXPECT_NE(to_table(report_, true).find('\033'), std::string::npos);
}

TEST_F(ReportTest, NotesAreInEveryReport) {
  report_.notes = {"at most 32 cases <at the same time>"};
  EXPECT_THAT(to_table(report_, false), HasSubstr("at most 32 cases <at the same time>\n"));
  EXPECT_EQ(nlohmann::json::parse(to_json_report(report_))["notes"][0], report_.notes[0]);
  EXPECT_THAT(to_html(report_), HasSubstr("<li>at most 32 cases &lt;at the same time&gt;</li>"));
}

TEST_F(ReportTest, StatesThatNothingWasJudged) {
  EXPECT_FALSE(nothing_judged(report_));
  EXPECT_THAT(to_table(report_, false), Not(HasSubstr("nothing was judged")));
  report_.entries.erase(report_.entries.begin(), report_.entries.end() - 1);
  ASSERT_EQ(report_.entries[0].verdict, Verdict::unsupported);
  EXPECT_TRUE(nothing_judged(report_));
  EXPECT_THAT(to_table(report_, false), HasSubstr("nothing was judged: every case is UNSUPPORTED"));
}

TEST_F(ReportTest, TableEscapesControlCharactersFromTheWire) {
  report_.entries[1].violations[0].failure.actual = "\033[2Jgone\r\u202eevil";
  const auto table = to_table(report_, false);
  EXPECT_THAT(table, HasSubstr("\\x1b[2Jgone\\x0d\\u202eevil"));
  EXPECT_EQ(table.find('\033'), std::string::npos);
}

TEST_F(ReportTest, JsonHasTheDocumentedKeys) {
  const auto json = nlohmann::json::parse(to_json_report(report_));
  EXPECT_EQ(json["tool"]["name"], "secct");
  EXPECT_EQ(json["dut"], "a <router>");
  EXPECT_EQ(json["summary"]["FAIL"], 1);
  EXPECT_EQ(json["summary"]["PASS"], 1);
  EXPECT_EQ(json["clauses"]["judged"], 3);
  EXPECT_EQ(json["clauses"]["not_judged"], 2);
  const auto& entry = json["cases"][1];
  for (const auto* key :
       {"id", "title", "role", "clauses", "verdict", "reason", "duration_s", "pcap"}) {
    EXPECT_TRUE(entry.contains(key)) << key;
  }
  EXPECT_EQ(entry["verdict"], "FAIL");
  EXPECT_EQ(entry["violations"][0]["packet"], 2);
  EXPECT_EQ(entry["violations"][0]["sentence"], find_clause("RELOC-4-7")->text);
  EXPECT_EQ(entry["violations"][0]["quote"], find_clause("RELOC-4-7")->quote);
  EXPECT_EQ(entry["steps"][1]["compared"][2]["expected"], "105");
  EXPECT_EQ(entry["packets"][0]["message"], "SHREQ");
  EXPECT_EQ(entry["packets"][1]["under"], "AH 0x00001002");
}

TEST_F(ReportTest, JsonReplacesInvalidUtf8) {
  report_.entries[1].violations[0].failure.actual = "\xff\xfe";
  EXPECT_TRUE(nlohmann::json::accept(to_json_report(report_)));
}

TEST_F(ReportTest, JunitDistinguishesFailuresErrorsAndSkipped) {
  auto& entries = report_.entries;
  EXPECT_THAT(to_junit(report_),
              HasSubstr("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""));
  EXPECT_THAT(to_junit(report_), HasSubstr("<failure type=\"RELOC-4-7\""));
  EXPECT_THAT(to_junit(report_), HasSubstr("a &lt;router&gt;"));
  entries[1].verdict = Verdict::setup_fail;
  EXPECT_THAT(to_junit(report_), HasSubstr("failures=\"0\" errors=\"1\" skipped=\"1\""));
  EXPECT_THAT(to_junit(report_), HasSubstr("<error type=\"SETUP-FAIL\""));
  entries[1].verdict = Verdict::inconclusive;
  EXPECT_THAT(to_junit(report_), HasSubstr("failures=\"0\" errors=\"0\" skipped=\"2\""));
  entries[1].verdict = Verdict::non_strict;
  EXPECT_THAT(to_junit(report_), HasSubstr("failures=\"0\" errors=\"0\" skipped=\"1\""));
  EXPECT_THAT(to_junit(report_), HasSubstr("NON-STRICT T/wrong"));
  report_.strict = true;
  EXPECT_THAT(to_junit(report_), HasSubstr("failures=\"1\" errors=\"0\" skipped=\"1\""));
}

TEST_F(ReportTest, HtmlShowsExpectedAndFoundAndMarksTheOctet) {
  const auto html = to_html(report_);
  EXPECT_THAT(html,
              HasSubstr("<th scope=\"row\">secct.status</th><td>105</td><td>200 (0xc8) OK</td>"));
  EXPECT_THAT(html, HasSubstr("<mark>c8</mark>"));
  EXPECT_THAT(html, HasSubstr("href=\"T_wrong.pcapng\""));
  EXPECT_THAT(html, HasSubstr("previous router (under test)"));
  EXPECT_THAT(html, HasSubstr("SecCT conformance of a &lt;router&gt;"));
  for (const auto* outside : {"http://", "https://", "src=", "@import", "url("}) {
    EXPECT_THAT(html, Not(HasSubstr(outside)));
  }
}

TEST_F(ReportTest, HtmlEscapesTextFromTheWire) {
  const auto html = html_with("</td><script>alert('x')</script>\"\n\x01\xff\u202e");
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, HasSubstr("&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;"));
  EXPECT_THAT(html, HasSubstr("\\x01\\xff\\u202e"));
}

TEST_F(ReportTest, WritesACaptureForEachCase) {
  const auto folder = testing::TempDir() + "/secct-report";
  std::filesystem::remove_all(folder);
  write_reports(report_, folder);
  std::size_t packets = 0;
  std::string last;
  EXPECT_EQ(read_capture(folder + "/T_wrong.pcapng",
                         [&](const CapturedPacket& packet) {
                           ++packets;
                           last = packet.comments.at(0);
                           return true;
                         }),
            "");
  EXPECT_EQ(packets, 2U);
  EXPECT_THAT(last, HasSubstr("FAIL RELOC-4-7: secct.status"));
  report_.entries[1].violations[0].failure.actual.assign(100000, 'x');
  write_reports(report_, folder);  // pcapng limits comments
  EXPECT_THROW(write_reports(report_, "/proc/no/such/place"), UsageError);
}

ClauseState state_of(const Report& report, const std::string& id) {
  for (const auto& draft : coverage(report)) {
    for (const auto& section : draft.sections) {
      for (const auto& covered : section.clauses) {
        if (covered.clause->id == id) return covered.state;
      }
    }
  }
  ADD_FAILURE() << id << " is not in clauses.yaml";
  return ClauseState::not_tested;
}

TEST_F(ReportTest, CoverageHasTheStateOfEachClause) {
  EXPECT_EQ(state_of(report_, "RELOC-5.2-2"), ClauseState::passed);
  EXPECT_EQ(state_of(report_, "RELOC-4-7"), ClauseState::failed);
  EXPECT_EQ(state_of(report_, "RELOC-5.1-1"),
            ClauseState::inconclusive);  // the case failed for another clause
  EXPECT_EQ(state_of(report_, "RELOC-5-2"), ClauseState::unsupported);
  EXPECT_EQ(state_of(report_, "RELOC-5.2-3"), ClauseState::not_tested);
  EXPECT_EQ(state_of(report_, "RELOC-4-18"), ClauseState::not_testable);
  EXPECT_EQ(state_of(report_, "ROBUST-12"), ClauseState::passed);  // checked for every packet
}

TEST_F(ReportTest, CoverageContainsEveryClauseOnce) {
  std::size_t found = 0;
  for (const auto& draft : coverage(report_)) {
    EXPECT_NE(draft.document, "") << draft.title;
    for (const auto& section : draft.sections) found += section.clauses.size();
  }
  EXPECT_EQ(found, clauses().size());
}

}  // namespace
}  // namespace secct::replay
