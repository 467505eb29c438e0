// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/coverage.hpp"

#include <algorithm>
#include <map>

namespace secct::replay {
namespace {

struct DraftRow {
  std::string_view title;
  std::string_view document;
};
constexpr DraftRow documents[] = {
    {"RELOC", "draft-gopal-seamoby-ipsec-relocate-00"},
    {"ISSUES", "draft-gopal-seamoby-ipsecctxt-issues-01"},
    {"FMIP", "draft-designteam-fast-mipv6-01"},
    {"FRAME", "draft-koodli-mobileip-smoothv6"},
    {"ROBUST", "robustness of all senders and receivers"},
};

// A clause id has the draft, the section and a number: RELOC-5.2-3.
std::string draft_of(const std::string& id) { return id.substr(0, id.find('-')); }
std::string section_of(const std::string& id) {
  const auto first = id.find('-');
  const auto last = id.rfind('-');
  const auto draft = draft_of(id);
  return first == last ? draft : draft + " " + id.substr(first + 1, last - first - 1);
}

// The state of the clauses that an entry names. If the entry failed, only the clause of its
// violation has failed; the result of the others is open.
ClauseState state_by(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return ClauseState::passed;
    case Verdict::unsupported: return ClauseState::unsupported;
    default: return ClauseState::inconclusive;
  }
}

// Failed takes precedence; otherwise the stronger result.
ClauseState stronger(ClauseState a, ClauseState b) {
  constexpr int rank[] = {5, 7, 6, 2, 1, 0, 0};  // by ClauseState
  return rank[static_cast<std::size_t>(a)] >= rank[static_cast<std::size_t>(b)] ? a : b;
}

class ClauseStates {
 public:
  explicit ClauseStates(const Report& report) {
    for (const auto& id : report.always_judged) {
      if (!report.entries.empty()) add_state(id, ClauseState::passed);
    }
    for (std::size_t i = 0; i < report.entries.size(); ++i) {
      const auto& entry = report.entries[i];
      for (const auto& id : entry.clauses) {
        add_state(id, state_by(entry.verdict));
        add_entry(id, i);
      }
      for (const auto& violation : entry.violations) {
        if (violation.verdict == Verdict::fail) {
          add_state(violation.failure.clause, ClauseState::failed);
        } else if (violation.verdict == Verdict::non_strict) {
          add_state(violation.failure.clause, ClauseState::failed_not_binding);
        }
        add_entry(violation.failure.clause, i);
      }
    }
  }

  CoveredClause of(const Clause& clause) {
    CoveredClause covered{&clause, ClauseState::not_tested, entries_[clause.id]};
    const auto found = states_.find(clause.id);
    if (found != states_.end()) {
      covered.state = found->second;
    } else if (clause.test == "none") {
      covered.state = ClauseState::not_testable;
    }
    return covered;
  }

 private:
  void add_state(const std::string& id, ClauseState state) {
    const auto [found, is_new] = states_.try_emplace(id, state);
    if (!is_new) found->second = stronger(found->second, state);
  }
  void add_entry(const std::string& id, std::size_t entry) {
    auto& list = entries_[id];
    constexpr std::size_t max_listed = 50;
    if (list.size() < max_listed && (list.empty() || list.back() != entry)) list.push_back(entry);
  }

  std::map<std::string, ClauseState> states_;
  std::map<std::string, std::vector<std::size_t>> entries_;
};

}  // namespace

ClauseCount count_clauses(const Report& report) {
  ClauseStates states(report);
  ClauseCount count;
  for (const auto& clause : clauses()) {
    const auto covered = states.of(clause);
    if (covered.entries.empty()) continue;
    switch (covered.state) {
      case ClauseState::passed:
      case ClauseState::failed:
      case ClauseState::failed_not_binding: ++count.judged; break;
      default: ++count.not_judged; break;
    }
  }
  return count;
}

std::vector<CoveredDraft> coverage(const Report& report) {
  ClauseStates states(report);
  std::vector<CoveredDraft> drafts;
  for (const auto& clause : clauses()) {
    const auto title = draft_of(clause.id);
    auto draft = std::ranges::find(drafts, title, &CoveredDraft::title);
    if (draft == drafts.end()) {
      const auto* row = std::ranges::find(documents, title, &DraftRow::title);
      drafts.push_back({title, row == std::end(documents) ? "" : std::string(row->document), {}});
      draft = drafts.end() - 1;
    }
    const auto name = section_of(clause.id);
    auto section = std::ranges::find(draft->sections, name, &CoveredSection::name);
    if (section == draft->sections.end()) {
      draft->sections.push_back({name, {}});
      section = draft->sections.end() - 1;
    }
    section->clauses.push_back(states.of(clause));
  }
  return drafts;
}

}  // namespace secct::replay
