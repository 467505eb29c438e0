// SPDX-License-Identifier: GPL-2.0-or-later
// Whole handovers as packet documents, with times and a comment per packet.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "generator/lab.hpp"

namespace secct {

struct ScenarioRow {
  const char* name;
  const char* what;
};
std::span<const ScenarioRow> scenarios();

struct Scenario {
  Document document;
  std::vector<std::uint32_t> mobile_nodes;  // whose each packet is
  Keyring keys;
};

// `handovers` mobile nodes, one after another overlapping in time; the same seed gives the same
// octets. UsageError for an unknown name or more mobile nodes than the lab has.
Scenario make_scenario(std::string_view name, const Lab& lab, std::uint32_t handovers,
                       std::uint64_t seed);

}  // namespace secct
