// SPDX-License-Identifier: GPL-2.0-or-later
// The needs of cases and the router descriptions that meet them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {

// The capabilities that the case needs and that the description does not declare. Where the tester
// makes the SAs of the mobile node, the router needs the capabilities to use them.
std::vector<std::string> undeclared_capabilities(const Needs& needs,
                                                 const RouterDescription& description, Role role);
// The need, other than a capability, that the description does not meet: policies, SAs between the
// routers, an SPI or nCoA in use, or mobile nodes with certain SAs. std::nullopt if it meets all of
// them.
std::optional<std::string> unmet_need(const Needs& needs, const RouterDescription& description,
                                      Role role);

// The number of mobile nodes that a case needs if it is repeated `retries` times: each run of it,
// and each run of its control, uses one that was not used before.
std::uint32_t mobile_nodes_used(const Case& c, unsigned retries);

// Mobile nodes with the same SAs, by number.
struct MobileNodeRange {
  std::uint32_t first = 1;
  std::uint32_t count = 0;
  // Role pr: the SAs that meet the demands of the case, as indices in MobileNode::sas.
  std::vector<std::size_t> sas = {};
};
// The mobile nodes of the description that the case can use. In role pr, where the router transfers
// the SAs of the description, these are mobile nodes whose SAs meet the demands of the case.
// std::nullopt if there are none.
std::optional<MobileNodeRange> matching_mobile_nodes(const Needs& needs,
                                                     const RouterDescription& description,
                                                     Role role);

// Cases that can run against the same router: all cases whose needs the original description meets,
// or all cases with the same other policies. The description of the latter has additional mobile
// nodes with the SAs of these cases.
struct CaseGroup {
  RouterDescription description;
  std::vector<std::size_t> indices;  // in the list of cases
  bool as_described = true;          // `description` is the original one
};
// Groups the cases with these indices. There are enough mobile nodes to repeat each case `retries`
// times. The group of the original description comes first, unless it would be empty.
std::vector<CaseGroup> group_cases(std::span<const Case> cases,
                                   std::span<const std::size_t> indices,
                                   const RouterDescription& description, unsigned retries);

}  // namespace secct::replay
