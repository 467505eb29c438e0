// SPDX-License-Identifier: GPL-2.0-or-later
// The scenarios of `secct generate`, read from generator/scenario/scenarios.yaml. docs/scenarios.md
// describes the keys.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "generator/document/edit_list.hpp"
#include "generator/handover/handover.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// In place of the index of an SA: the one whose SPI is already used at the NR.
constexpr std::size_t conflict_sa = SIZE_MAX;

struct ScenarioStep {
  std::string message;  // a name of `craft --message`, or "data"
  MnData traffic;       // of "data"
  std::uint8_t replay = 1;
  std::vector<std::size_t> contexts;  // of a HI or SHREP: indices of SAs; empty: all transferable
  int half = 0;                       // 1, 2: this half of all transferable SAs
  std::uint32_t milliseconds = 0;     // since the previous step
  bool exact = false;                 // a timer: the delay does not vary
  std::string what;                   // for the comment of the packet
  std::string clause;
  std::vector<Edit> edits;  // may use the variables of handover_variables()
};

struct ScenarioRow {
  std::string name;
  std::string what;
  bool ipv4 = false;                 // Mobile IPv4: routers and MN have IPv4 addresses
  std::uint8_t status = status::ok;  // of the SHAK
  bool shak_protected = true;        // whether an SA protects the SHAK
  // Index of the SA whose SPI is already used at the NR; conflict_sa: the first one from the MN.
  std::optional<std::size_t> conflict;
  std::vector<SaChange> changes;  // of the SHAK
  std::vector<ScenarioStep> steps;
  YAML::Node description_changes;  // see description()

  // The router description for this scenario: `base` with the scenario's changes. Mappings are
  // merged key by key, other values are replaced.
  YAML::Node description(const YAML::Node& base) const;
};

// All scenarios, in the order of the file.
std::span<const ScenarioRow> scenarios();
// UsageError lists the scenarios and suggests one.
const ScenarioRow& find_scenario(std::string_view name);

// Reads another file of scenarios. UsageError names file, line and path of a mistake.
std::vector<ScenarioRow> read_scenarios(const YAML::Node& root, const std::string& file);

}  // namespace secct::generator
