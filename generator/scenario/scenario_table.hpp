// SPDX-License-Identifier: GPL-2.0-or-later
// The scenarios of `secct generate` as data: generator/scenario/scenarios.yaml, docs/scenarios.md.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "generator/handover/handover.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

struct ScenarioEdit {
  std::string path;
  std::string value;  // as `craft --set` takes it, with the variables of docs/scenarios.md
};

struct ScenarioStep {
  std::string message;  // as `craft --message` calls it; "data" is MnData
  MnData traffic;
  std::uint8_t replay = 1;
  std::vector<std::size_t> contexts;  // of a SHREP, by their place in the lab; none: every one
  std::uint32_t milliseconds = 0;     // since the step before
  bool exact = false;                 // a timer: without jitter
  std::string what;
  std::string clause;
  std::vector<ScenarioEdit> edits;
};

struct ScenarioRow {
  std::string name;
  std::string what;
  bool ipv4 = false;                    // the mobile node's access addresses are IPv4
  std::uint8_t status = status::ok;     // what the MN is told
  bool shak_protected = true;           // some SA was handed over that can protect the SHAK
  std::optional<std::size_t> conflict;  // place of the SA whose SPI is taken at the NR
  std::vector<SaChange> changes;
  std::vector<ScenarioStep> steps;
  YAML::Node description_changes;  // laid over the router description

  // The router description for this scenario: `base` with the scenario's changes.
  YAML::Node description(const YAML::Node& base) const;
};

std::span<const ScenarioRow> scenarios();
// UsageError names the nearest right one.
const ScenarioRow& find_scenario(std::string_view name);

// A table of one's own, for tests. UsageError as everywhere.
std::vector<ScenarioRow> read_scenarios(const YAML::Node& root, const std::string& file);

}  // namespace secct::generator
