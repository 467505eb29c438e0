// SPDX-License-Identifier: GPL-2.0-or-later
// What a case needs of a router description, and descriptions that are made to have it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {

// The capabilities that the case needs and the description does not declare.
std::vector<std::string> undeclared(const Needs& needs, const RouterDescription& description);
// Why the case cannot be run against this router, apart from capabilities: another policy, no
// mobile node with the SAs that it needs. Nothing when it can.
std::optional<std::string> lacking(const Needs& needs, const RouterDescription& description,
                                   Role role);

// Mobile nodes with the same SAs: their numbers.
struct NodeRange {
  std::uint32_t first = 1;
  std::uint32_t count = 0;
};
// The mobile nodes that the case can have. What a previous router hands over is what it was given:
// in role pr they have just the SAs of the case, whatever the SPIs. Nothing when there are none.
std::optional<NodeRange> nodes_for(const Needs& needs, const RouterDescription& description,
                                   Role role);
// True when the tester plays the case's mobile node with SAs that the description does not give.
bool chooses_sas(const Needs& needs, Role role);

// Cases that one router serves: those that the description serves as it is, or those that need the
// same other policies or SAs. The latter have mobile nodes of their own in its description.
struct CaseGroup {
  RouterDescription description;
  std::vector<std::size_t> places;  // of the cases in the list
  bool as_described = true;         // `description` is what grouped() was given
};
// Of the cases at `places`, with mobile nodes enough for `retries`; what the description serves as
// it is comes first.
std::vector<CaseGroup> grouped(std::span<const Case> cases, std::span<const std::size_t> places,
                               const RouterDescription& description, unsigned retries);

}  // namespace secct::replay
