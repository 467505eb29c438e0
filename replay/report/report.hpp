// SPDX-License-Identifier: GPL-2.0-or-later
// What a run of the suite or a check of a capture leaves behind: the table on the terminal,
// report.json, report.xml (JUnit), report.html and a capture per case.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "generator/document/document.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

// One thing that is wrong, and the packet that shows it.
struct Violation {
  Failure failure;
  Verdict verdict = Verdict::fail;  // or non_strict
  std::optional<std::size_t> packet;
};

struct ReportStep {
  enum class State : std::uint8_t { done, failed, not_reached };
  std::vector<std::string> lines;  // replay/suite/suite.hpp, step_lines()
  State state = State::done;
  std::vector<Comparison> compared;
};

// What is judged as one: a case of the suite, a handover of a capture.
struct ReportEntry {
  std::string id;
  std::string title;
  std::string role;   // of the router under test; empty when there is none
  std::string group;  // suite or capture: entries of one group stand together
  std::vector<std::string> clauses;
  Verdict verdict = Verdict::pass;
  std::string flaky;                  // how it failed before it passed; empty: it did not
  std::vector<Violation> violations;  // the first one is the reason
  Time duration = 0;
  std::vector<ReportStep> steps;
  std::vector<TracedPacket> packets;
};

struct Report {
  std::string dut;            // name of the router under test, or of the capture
  std::string unit;           // what an entry is: "case", "handover"
  std::uint64_t started = 0;  // seconds since 1970
  bool strict = false;        // NON-STRICT counts as a failure
  CodePoints codepoints;
  Keyring keys;  // what opens the packets, besides contexts that they hand over
  std::vector<ReportEntry> entries;
  // Clauses that every packet was held against, beside those of the entries.
  std::vector<std::string> always_judged;

  std::array<std::size_t, verdict_count> count() const;
};

// The report of a run: `results` are those of `cases`, in their order.
Report make_report(const RouterDescription& description, const std::vector<Case>& cases,
                   std::vector<CaseResult> results);

std::string to_table(const Report& report, bool color);
std::string to_json_report(const Report& report);
std::string to_junit(const Report& report);
std::string to_html(const Report& report);

// Writes report.json, report.xml, report.html and ID.pcapng of each entry into `folder`, which is
// made when missing. UsageError when that fails.
void write_reports(const Report& report, const std::string& folder);

// An id as a file name: '/' becomes '_'.
std::string file_name(const std::string& id);

// Below its line in the table: clause with its sentence, what is wrong, field and values.
std::string violation_lines(const Failure& failure, std::string_view indent);
// A verdict, coloured, at least `width` columns wide.
std::string coloured(Verdict verdict, bool color, std::size_t width);

}  // namespace secct::replay
