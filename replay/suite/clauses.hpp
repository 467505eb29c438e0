// SPDX-License-Identifier: GPL-2.0-or-later
// The clause ledger (docs/clauses.yaml): every rule of the drafts and of this project with its
// level, the role that it binds, and its sentence. The cases, checks and reports refer to clauses
// by id.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "replay/namespace.hpp"

namespace secct::replay {

struct Clause {
  std::string id;     // RELOC-5.2-3
  std::string level;  // MUST, SHOULD, MAY, DECISION
  std::string role;   // nr, pr, fa, mn, any
  std::string see;    // w6.3, b4: wire-format.md, behaviour.md
  std::string test;   // case, lint, none
  std::string text;   // the rule, one sentence
  std::string quote;  // the words of the draft that the id names, "..." for omissions; may be empty

  // A broken MUST, a MAY done wrongly and what breaks wire-format.md fail a router; a SHOULD and
  // what rests on behaviour.md alone do not (behaviour.md 4, "Judging a router").
  bool binding() const {
    return level == "MUST" || level == "MAY" || (level == "DECISION" && see.starts_with('w'));
  }
};

// All clauses in the order of the ledger, which is built in.
std::span<const Clause> clauses();
// nullptr if the ledger has no clause with this id.
const Clause* find_clause(std::string_view id);

}  // namespace secct::replay
