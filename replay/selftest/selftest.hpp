// SPDX-License-Identifier: GPL-2.0-or-later
// What the suite is worth: the suite against the reference router without fault, with each allowed
// variation, and with each of its faults.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"
#include "replay/router/overrides/behaviour_override.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

// One run of the suite.
struct SelftestRun {
  BehaviourOverride behaviour;
  std::string name;                  // "", the fault's or the variation's
  std::vector<Verdict> verdicts;     // of every case
  std::vector<std::string> clauses;  // that each case names as broken, empty where it passes
  std::string why;                   // not as it must be (run_selftest): in one line

  // The cases that show the fault by a clause that it violates.
  std::vector<std::size_t> caught_by() const;
  bool good() const { return why.empty(); }
};

struct Selftest {
  std::vector<std::string> cases;  // ids
  std::vector<SelftestRun> runs;   // without fault, variations, faults

  bool good() const;
};

// Good is: without fault every case passes; no variation fails a case; each fault makes a case FAIL
// (NON-STRICT is enough for a SHOULD or a behaviour decision) that names a clause which it
// violates, and a fault that is no more than that makes none FAIL.
// `threads` 0 = as many as there are cores.
Selftest run_selftest(const std::vector<Case>& cases, const RouterDescription& description,
                      unsigned threads,
                      const std::function<void(std::size_t done, std::size_t all)>& progress);

// In one line: what the router does wrong, and the first case that shows it by a violated clause.
std::string seen_in(const FaultRow& fault, const std::vector<Case>& cases,
                    const std::vector<CaseResult>& results);

// The matrix as text, a line per fault, and as JSON with every verdict that is not PASS.
std::string to_text(const Selftest& selftest, bool verbose);
std::string to_json(const Selftest& selftest);

}  // namespace secct::replay
