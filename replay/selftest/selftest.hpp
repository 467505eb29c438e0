// SPDX-License-Identifier: GPL-2.0-or-later
// Tests the suite itself: runs it against the reference router without fault, with each permitted
// variation and with each fault.
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
  std::string name;                  // of the fault or variation; empty without one
  std::vector<Verdict> verdicts;     // of each case
  std::vector<std::string> clauses;  // violated according to each case; empty if it passes
  std::string why;                   // why the run is not good (run_selftest), in one line
  std::string not_applicable;        // why the description cannot show the fault, in one line

  // The indices of the cases that detect the fault: by a clause that it violates.
  std::vector<std::size_t> detected_by() const;
  bool good() const { return why.empty(); }
};

struct Selftest {
  std::vector<std::string> cases;  // ids
  std::vector<SelftestRun> runs;   // without fault, then variations, then faults

  bool good() const;
};

// A run is good if
// - without fault: all cases pass; with another description than the built-in one, they may be
//   UNSUPPORTED;
// - with a variation: all cases are PASS, NON-STRICT or UNSUPPORTED;
// - with a fault: a case that names a clause violated by the fault is FAIL, or NON-STRICT if the
//   fault violates only a SHOULD or a behaviour decision; such a fault must not make any case FAIL.
//   A fault is not applicable if each case that detects it with the built-in description is
//   UNSUPPORTED with `description`, or sees the same packets as without the fault.
// `threads`: 0 = the number of cores. `progress` is called after each run, by one thread at a time.
// `built_in`: `description` is the built-in one.
Selftest run_selftest(const std::vector<Case>& cases, const RouterDescription& description,
                      bool built_in, unsigned threads,
                      const std::function<void(std::size_t done, std::size_t all)>& progress);

// One line for a run with a fault: what the router does wrong, and the first case that detects it.
std::string fault_summary(const FaultRow& fault, const std::vector<Case>& cases,
                          const std::vector<CaseResult>& results);

// The matrix of faults and cases: as text with a line per fault (with all its cases if `verbose`),
// and as JSON with all verdicts that are not PASS.
std::string to_text(const Selftest& selftest, bool verbose);
std::string to_json(const Selftest& selftest);

}  // namespace secct::replay
