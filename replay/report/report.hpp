// SPDX-License-Identifier: GPL-2.0-or-later
// The results of a run of the suite or of a check of captures, and their output: table on the
// terminal, report.json, report.xml (JUnit), report.html and a capture for each entry.
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

// A violation and the packet that shows it.
struct Violation {
  Failure failure;
  Verdict verdict = Verdict::fail;    // or non_strict
  std::optional<std::size_t> packet;  // index in ReportEntry::packets
};

struct ReportStep {
  enum class State : std::uint8_t { done, failed, not_reached };
  std::vector<std::string> lines;  // replay/suite/suite.hpp, step_lines()
  State state = State::done;
  std::vector<Comparison> compared;
};

// The unit that gets a verdict: a case of the suite or a handover of a capture.
struct ReportEntry {
  std::string id;
  std::string title;
  std::string role;   // of the router under test; empty for a capture
  std::string group;  // suite or capture; entries of a group are adjacent
  std::vector<std::string> clauses;
  Verdict verdict = Verdict::pass;
  std::string flaky;                  // the failure before a retry passed; empty: not flaky
  std::vector<Violation> violations;  // the first one is the reason of the verdict
  Time duration = 0;
  std::vector<ReportStep> steps;
  std::vector<TracedPacket> packets;
};

struct Report {
  std::string dut;            // name of the router under test, or of the capture
  std::string unit;           // of an entry: "case" or "handover"
  std::uint64_t started = 0;  // seconds since 1970
  bool strict = false;        // NON-STRICT counts as a failure
  CodePoints codepoints;
  Keyring keys;  // decrypts the packets, in addition to the contexts that they transfer
  std::vector<ReportEntry> entries;
  // Clauses that were checked for every packet, in addition to those of the entries.
  std::vector<std::string> always_judged;
  // How the run was performed, and packets that were not judged: a sentence each.
  std::vector<std::string> notes;

  // Entries by verdict.
  std::array<std::size_t, verdict_count> count() const;
};

// True if no entry has a result, because all of them are UNSUPPORTED.
bool nothing_judged(const Report& report);

// The report of a run. `results` has one result for each of `cases`, in the same order.
Report make_report(const RouterDescription& description, const std::vector<Case>& cases,
                   std::vector<CaseResult> results);

std::string to_table(const Report& report, bool color);
std::string to_json_report(const Report& report);
std::string to_junit(const Report& report);
std::string to_html(const Report& report);

// Writes report.json, report.xml, report.html and an ID.pcapng for each entry to `folder`, which is
// created if necessary. Throws UsageError if a file cannot be written.
void write_reports(const Report& report, const std::string& folder);

// The lines of a violation on the terminal, each with `indent`: clause and its text, the defect,
// the field, the expected and the found value. Without control characters.
std::string violation_lines(const Failure& failure, std::string_view indent);
// The verdict padded to `width` columns, with terminal colours if `color`.
std::string coloured(Verdict verdict, bool color, std::size_t width);

}  // namespace secct::replay
