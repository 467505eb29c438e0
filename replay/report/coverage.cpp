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
    {"ROBUST", "what every receiver and sender must stand"},
};

// RELOC-5.2-3: the draft, the section, the number.
std::string draft_of(const std::string& id) { return id.substr(0, id.find('-')); }
std::string section_of(const std::string& id) {
  const auto first = id.find('-');
  const auto last = id.rfind('-');
  const auto draft = draft_of(id);
  return first == last ? draft : draft + " " + id.substr(first + 1, last - first - 1);
}

// What one entry says about the clauses that it names. Of a failed one only the clause that its
// violation names is broken; the others were not settled by it.
ClauseState said_by(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return ClauseState::kept;
    case Verdict::unsupported: return ClauseState::unsupported;
    default: return ClauseState::open;
  }
}

// A broken clause stays broken; else what proves more counts.
ClauseState better(ClauseState a, ClauseState b) {
  constexpr int worth[] = {5, 7, 6, 2, 1, 0, 0};
  return worth[static_cast<std::size_t>(a)] >= worth[static_cast<std::size_t>(b)] ? a : b;
}

class Book {
 public:
  explicit Book(const Report& report) {
    for (const auto& id : report.always_judged) {
      if (!report.entries.empty()) tell(id, ClauseState::kept);
    }
    for (std::size_t i = 0; i < report.entries.size(); ++i) {
      const auto& entry = report.entries[i];
      for (const auto& id : entry.clauses) {
        tell(id, said_by(entry.verdict));
        name(id, i);
      }
      for (const auto& violation : entry.violations) {
        if (violation.verdict == Verdict::fail) {
          tell(violation.failure.clause, ClauseState::broken);
        } else if (violation.verdict == Verdict::non_strict) {
          tell(violation.failure.clause, ClauseState::broken_loosely);
        }
        name(violation.failure.clause, i);
      }
    }
  }

  CoveredClause of(const Clause& clause) {
    CoveredClause covered{&clause, ClauseState::not_judged, entries_[clause.id]};
    const auto found = states_.find(clause.id);
    if (found != states_.end()) {
      covered.state = found->second;
    } else if (clause.test == "none") {
      covered.state = ClauseState::unseen;
    }
    return covered;
  }

 private:
  void tell(const std::string& id, ClauseState state) {
    const auto [found, is_new] = states_.try_emplace(id, state);
    if (!is_new) found->second = better(found->second, state);
  }
  void name(const std::string& id, std::size_t entry) {
    auto& list = entries_[id];
    constexpr std::size_t listed = 50;
    if (list.size() < listed && (list.empty() || list.back() != entry)) list.push_back(entry);
  }

  std::map<std::string, ClauseState> states_;
  std::map<std::string, std::vector<std::size_t>> entries_;
};

}  // namespace

std::vector<CoveredDraft> coverage(const Report& report) {
  Book book(report);
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
    section->clauses.push_back(book.of(clause));
  }
  return drafts;
}

}  // namespace secct::replay
