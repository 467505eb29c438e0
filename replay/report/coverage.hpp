// SPDX-License-Identifier: GPL-2.0-or-later
// The result of each clause of docs/clauses.yaml in a report.
#pragma once

#include <string>
#include <vector>

#include "replay/namespace.hpp"
#include "replay/report/report.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {

enum class ClauseState : std::uint8_t {
  passed,
  failed,
  failed_not_binding,  // NON-STRICT
  inconclusive,        // no entry that names it passed, and none failed because of it
  unsupported,
  not_tested,   // by this report
  not_testable  // clauses.yaml: `test: none`
};
constexpr std::size_t clause_state_count = 7;

struct CoveredClause {
  const Clause* clause;
  ClauseState state = ClauseState::not_tested;
  std::vector<std::size_t> entries;  // that name it or violate it; at most 50
};

struct CoveredSection {
  std::string name;  // "RELOC 5.2"
  std::vector<CoveredClause> clauses;
};

struct CoveredDraft {
  std::string title;     // "RELOC"
  std::string document;  // "draft-gopal-seamoby-ipsec-relocate-00"
  std::vector<CoveredSection> sections;
};

// The clauses that the entries of a report name: those with a result, and those without one,
// because every entry that names the clause is UNSUPPORTED or has no result.
struct ClauseCount {
  std::size_t judged = 0;
  std::size_t not_judged = 0;
};
ClauseCount count_clauses(const Report& report);

// All clauses in the order of clauses.yaml, by draft and section. They refer to clauses().
std::vector<CoveredDraft> coverage(const Report& report);

}  // namespace secct::replay
