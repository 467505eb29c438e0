// SPDX-License-Identifier: GPL-2.0-or-later
// report.xml in the JUnit format of Ant's schema, which is stricter than CI servers require. A
// testsuite for each group. FAIL is a failure, SETUP-FAIL and TOOL-ERROR are errors, INCONCLUSIVE
// and UNSUPPORTED are skipped.
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "files/escape.hpp"
#include "replay/report/report.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

enum class Kind : std::uint8_t { passed, failure, error, skipped };

Kind kind_of(Verdict verdict, bool strict) {
  switch (verdict) {
    case Verdict::pass: return Kind::passed;
    case Verdict::non_strict: return strict ? Kind::failure : Kind::passed;
    case Verdict::fail: return Kind::failure;
    case Verdict::inconclusive:
    case Verdict::unsupported: return Kind::skipped;
    case Verdict::setup_fail:
    case Verdict::tool_error: return Kind::error;
  }
  return Kind::error;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : escape_control_characters(text, true)) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      default: out += c;
    }
  }
  return out;
}

struct Suite {
  std::string name;
  std::vector<const ReportEntry*> entries;
};

std::vector<Suite> suites_of(const Report& report) {
  std::vector<Suite> suites;
  for (const auto& entry : report.entries) {
    if (suites.empty() || suites.back().name != entry.group) suites.push_back({entry.group, {}});
    suites.back().entries.push_back(&entry);
  }
  return suites;
}

double in_seconds(const ReportEntry& entry) { return static_cast<double>(entry.duration) / 1e9; }

std::string reason(const ReportEntry& entry) {
  return entry.violations.empty() ? std::string() : entry.violations[0].failure.reason();
}

std::string details(const ReportEntry& entry) {
  std::string text;
  for (const auto& violation : entry.violations) text += violation_lines(violation.failure, "");
  return text;
}

std::string test_case(const Suite& suite, const ReportEntry& entry, bool strict) {
  auto out = fmt::format("    <testcase classname=\"{}{}{}\" name=\"{}\" time=\"{:.3f}\"",
                         escaped(entry.role), entry.role.empty() ? "" : ".", escaped(suite.name),
                         escaped(entry.id), in_seconds(entry));
  const auto& type = entry.violations.empty() || entry.violations[0].failure.clause.empty()
                         ? std::string(name(entry.verdict))
                         : entry.violations[0].failure.clause;
  switch (kind_of(entry.verdict, strict)) {
    case Kind::passed: return out + "/>\n";
    case Kind::skipped:
      return out + fmt::format(">\n      <skipped message=\"{}: {}\"/>\n    </testcase>\n",
                               name(entry.verdict), escaped(reason(entry)));
    case Kind::failure:
      return out + fmt::format(
                       ">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    "
                       "</testcase>\n",
                       escaped(type), escaped(reason(entry)), escaped(details(entry)));
    case Kind::error: break;
  }
  return out +
         fmt::format(">\n      <error type=\"{}\" message=\"{}\">{}</error>\n    </testcase>\n",
                     name(entry.verdict), escaped(reason(entry)), escaped(details(entry)));
}

std::string test_suite(const Report& report, const Suite& suite, std::size_t number) {
  std::array<std::size_t, 4> counts{};
  double total = 0;
  std::string cases;
  std::string remarks;
  for (const auto* entry : suite.entries) {
    ++counts[static_cast<std::size_t>(kind_of(entry->verdict, report.strict))];
    total += in_seconds(*entry);
    cases += test_case(suite, *entry, report.strict);
    if (entry->verdict == Verdict::non_strict && !report.strict) {
      remarks += fmt::format("NON-STRICT {}: {}\n", entry->id, reason(*entry));
    }
  }
  return fmt::format(
      "  <testsuite id=\"{}\" package=\"secct\" name=\"{}\" timestamp=\"{:%Y-%m-%dT%H:%M:%S}\" "
      "hostname=\"localhost\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"{:.3f}\">\n"
      "    <properties>\n      <property name=\"dut\" value=\"{}\"/>\n"
      "      <property name=\"secct\" value=\"{}\"/>\n    </properties>\n{}"
      "    <system-out>{}</system-out>\n    <system-err></system-err>\n  </testsuite>\n",
      number, escaped(suite.name), fmt::gmtime(static_cast<std::time_t>(report.started)),
      suite.entries.size(), counts[static_cast<std::size_t>(Kind::failure)],
      counts[static_cast<std::size_t>(Kind::error)],
      counts[static_cast<std::size_t>(Kind::skipped)], total, escaped(report.dut), SECCT_VERSION,
      cases, escaped(remarks));
}

}  // namespace

std::string to_junit(const Report& report) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  std::size_t number = 0;
  for (const auto& suite : suites_of(report)) out += test_suite(report, suite, number++);
  return out + "</testsuites>\n";
}

}  // namespace secct::replay
