// SPDX-License-Identifier: GPL-2.0-or-later
// What a run of the suite leaves behind: the table on the terminal, report.json, report.xml (JUnit)
// and a capture per case.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "replay/suite.hpp"
#include "replay/verdict.hpp"

namespace secct {

struct Report {
  std::string dut;  // name of the router under test
  std::vector<Case> cases;
  std::vector<CaseResult> results;  // of the same length

  std::array<std::size_t, verdict_count> count() const;
};

std::string to_table(const Report& report, bool color);
std::string to_json_report(const Report& report);
std::string to_junit(const Report& report);

// Writes report.json, report.xml and CASE.pcapng into `folder`, which is made when missing.
// UsageError when that fails.
void write_reports(const Report& report, const std::string& folder);

// A case's id as a file name: '/' becomes '_'.
std::string file_name(const std::string& id);

}  // namespace secct
