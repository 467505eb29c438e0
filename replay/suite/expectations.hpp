// SPDX-License-Identifier: GPL-2.0-or-later
// Expectation files (`run --expect`): which cases are known not to pass, and why.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

struct Expectation {
  std::string id;  // * and ? as in file names
  Verdict verdict = Verdict::pass;
  std::string reason;  // why it is so; for people
};

// A list of {id, verdict, reason}; the first entry that fits a case counts. UsageError names file,
// line and the nearest right name, also of an entry that fits none of `cases`.
std::vector<Expectation> load_expectations(const std::string& file, std::span<const Case> cases);

// What a case came to and what was expected of it.
struct Difference {
  std::string id;
  Verdict expected;
  Verdict found;
  std::string reason;  // of the expectation
};

// Where verdicts are not as expected; without an expectation PASS, UNSUPPORTED and, unless
// `strict`, NON-STRICT are.
std::vector<Difference> differences(std::span<const Case> cases,
                                    std::span<const CaseResult> results,
                                    std::span<const Expectation> expectations, bool strict);

// The ids of the cases that did not pass in a report.json: every verdict but PASS and UNSUPPORTED.
// UsageError when the file is none.
std::vector<std::string> failed_in(const std::string& report_file);

}  // namespace secct::replay
