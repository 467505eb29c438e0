// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of a case from YAML.
#pragma once

#include "files/yaml_reader.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {

// The list of steps under `key`, with every `use: NAME` replaced. UsageError names the place.
std::vector<CaseStep> read_steps(YamlMap& map, const std::string& key, const Sequences& sequences);

// The keys of a step, for the schema: what kind of step it is, and what may stand beside it.
struct StepKey {
  std::string_view name;
  std::string_view what;  // one line
  bool is_kind;           // send, expect, ...: each step has exactly one of them
};
std::span<const StepKey> step_keys();

// The names that `check:` accepts.
std::vector<std::string_view> predicate_names();

// UsageError when `id` is not a clause of the ledger.
void check_clause(const YamlPlace& place, const YAML::Node& at, const std::string& id);

}  // namespace secct::replay
