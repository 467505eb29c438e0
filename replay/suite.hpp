// SPDX-License-Identifier: GPL-2.0-or-later
// Conformance cases as data: what replay/suites/*.yaml holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generator/edit_list.hpp"
#include "generator/lab.hpp"

namespace secct {

// What a field of an expected message must hold. Values may be the names of run.cpp: $naddr, ...
struct FieldCheck {
  std::string name;
  std::vector<std::string> values;  // every field of this name, in order
};

struct CaseStep {
  // repeat: the very message that came before, once more.
  enum class Kind : std::uint8_t { send, expect, repeat, nothing, wait, echo };
  Kind kind = Kind::send;
  std::string message;              // send, expect
  std::vector<Edit> edits;          // send
  std::vector<FieldCheck> fields;   // expect
  std::vector<std::string> absent;  // expect: fields that must not be there
  std::vector<std::string> checks;  // expect: names of checks.hpp
  std::string under;                // expect: ah, esp, none, transferred; empty = as section 8 asks
  bool optional = false;            // expect: a MAY
  double seconds = 0;               // expect, nothing, wait: times timing_scale
  double after = 0;                 // repeat: no sooner than this
  std::string clause;               // the clause that this step proves; empty = the case's first
};

// A case with a mutation is first run without it: its control.
struct Mutation {
  std::size_t step = 0;  // of the case's steps: the send that is changed
  std::vector<Edit> edits;
  std::vector<CaseStep> then;  // what follows instead of the steps behind it
};

struct Case {
  std::string id;
  std::string title;
  std::string file;
  int line = 0;
  Role role = Role::nr;
  std::vector<std::string> clauses;
  std::vector<std::string> needs;  // capabilities
  std::vector<CaseStep> steps;
  std::optional<Mutation> mutation;
};

// What is run: the steps, or with the mutation those up to the mutated one and what follows it.
std::vector<CaseStep> steps_of(const Case& c, bool mutated);
// A step in words, one line for each thing that it says: "send shreq", "with secct.req.spt = 3".
std::vector<std::string> step_lines(const CaseStep& step);

// Reads one suite file; UsageError with file, line and the nearest right name.
std::vector<Case> read_suite(const std::string& text, const std::string& file);

// The cases that come with the program, in the order of the files.
std::vector<Case> built_in_cases();
// Those of *.yaml in a folder.
std::vector<Case> load_suites(const std::string& folder);

// True when `id` or `title` fits a pattern: * and ? as in file names, else a part of the id.
bool selected(const Case& c, const std::vector<std::string>& patterns);

}  // namespace secct
