// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the steps of a case from YAML.
#pragma once

#include "files/yaml_reader.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/case_parameters.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {

// The list of steps under `key`, with every `use: NAME` replaced by a copy of the sequence, for
// which `budget` must be sufficient. Throws UsageError.
std::vector<CaseStep> read_steps(YamlMap& map, const std::string& key, const Sequences& sequences,
                                 CopyBudget& budget);

// A key of a step.
struct StepKey {
  std::string_view name;
  std::string_view what;  // one line, for the schema
  bool is_kind;           // the kind of the step (send, expect, ...): each step has exactly one
};
std::span<const StepKey> step_keys();

// The names that `check` accepts.
std::vector<std::string_view> predicate_names();

// Throws UsageError if docs/clauses.yaml has no clause with this id.
void check_clause(const YamlPlace& place, const YAML::Node& at, const std::string& id);

}  // namespace secct::replay
