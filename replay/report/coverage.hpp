// SPDX-License-Identifier: GPL-2.0-or-later
// The ledger against a report: which clauses were judged, and how each one stands.
#pragma once

#include <string>
#include <vector>

#include "replay/namespace.hpp"
#include "replay/report/report.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {

enum class ClauseState : std::uint8_t {
  kept,
  broken,
  broken_loosely,  // NON-STRICT
  open,            // named by entries that were not settled
  unsupported,
  not_judged,
  unseen  // of a test that is none
};
constexpr std::size_t clause_state_count = 7;

struct CoveredClause {
  const Clause* clause;
  ClauseState state = ClauseState::not_judged;
  std::vector<std::size_t> entries;  // those that name it or break it
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

// Every clause of the ledger, in its order.
std::vector<CoveredDraft> coverage(const Report& report);

}  // namespace secct::replay
