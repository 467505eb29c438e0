// SPDX-License-Identifier: GPL-2.0-or-later
// Expectation files (`run --expect`): the verdicts that the user expects, and the reasons.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

struct Expectation {
  std::string id;  // may contain * and ?
  Verdict verdict = Verdict::pass;
  std::string reason;  // for users
};

// Reads a list of {id, verdict, reason}. Throws UsageError with file, line and the nearest valid
// name, also for an entry that matches none of `cases`.
std::vector<Expectation> load_expectations(const std::string& file, std::span<const Case> cases);

// A case whose verdict is not the expected one.
struct Difference {
  std::string id;
  Verdict expected;
  Verdict found;
  std::string reason;  // of the expectation; empty if there is none
};

// The cases whose verdict is not the expected one. The first expectation that matches a case
// applies. Without an expectation, PASS, UNSUPPORTED and, unless `strict`, NON-STRICT are as
// expected.
std::vector<Difference> differences(std::span<const Case> cases,
                                    std::span<const CaseResult> results,
                                    std::span<const Expectation> expectations, bool strict);

// The ids of the cases in a report.json whose verdict is neither PASS nor UNSUPPORTED. Throws
// UsageError if the file is not a report.
std::vector<std::string> failed_in(const std::string& report_file);

}  // namespace secct::replay
