// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/case_needs.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace secct::replay {
namespace {

// True if mobile nodes must be added to the description for the case. A router without the
// capabilities that the case needs may be unable to have such SAs.
bool needs_more_nodes(const Case& c, const RouterDescription& description) {
  return !matching_mobile_nodes(c.needs, description, c.role) &&
         undeclared_capabilities(c.needs, description, c.role).empty();
}

// Adds mobile nodes that meet the demands of the case. If those of an earlier case do, there are
// more of them.
void add_nodes(RouterDescription& description, const Case& c, unsigned retries) {
  const auto count = mobile_nodes_used(c, retries);
  if (count > most_mobile_nodes - description.last_mobile_node()) return;
  const auto range = matching_mobile_nodes(c.needs, description, c.role);
  if (!range) {
    description.more_nodes.push_back({count, sas_to_configure(c.needs.sas, description)});
    return;
  }
  auto first = description.mobile_node_count + 1;
  for (auto& more : description.more_nodes) {
    if (first == range->first) more.count += count;
    first += more.count;
  }
}

bool has_router_sas(const RouterDescription& description, IpsecProtocol protocol) {
  return description.find_router_sa(protocol, true) != nullptr &&
         description.find_router_sa(protocol, false) != nullptr;
}

}  // namespace

std::uint32_t mobile_nodes_used(const Case& c, unsigned retries) {
  return (c.mutation ? 2U : 1U) * (retries + 1);
}

std::vector<std::string> undeclared_capabilities(const Needs& needs,
                                                 const RouterDescription& description, Role role) {
  std::vector<std::string> names;
  for (const auto& name : needs.capabilities) {
    if (!description.capable(name)) names.push_back(name);
  }
  if (role == Role::pr) return names;
  for (auto& name : undeclared_for(needs.sas, description)) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

namespace {

std::string missing_router_sas(std::string_view protocol) {
  return fmt::format("needs {} SA in each direction between the routers; router_sas has none",
                     protocol);
}

// What a description with this capability must have, but does not have.
std::optional<std::string> missing_means(std::string_view capability,
                                         const RouterDescription& description) {
  const bool needs_ipv4 = capability == "ipv4" || capability == "mixed" || capability == "mip4";
  if (needs_ipv4 && is_unspecified(description.ipv4_address)) {
    return "needs IPv4 addresses of the routers: the key 'ipv4'";
  }
  if (capability == "esp" && !has_router_sas(description, IpsecProtocol::esp)) {
    return missing_router_sas("an ESP");
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> unmet_need(const Needs& needs, const RouterDescription& description,
                                      Role role) {
  if (!(needs.policies.over(description.policies) == description.policies)) {
    return "needs policies that the description does not have, or hooks.configure";
  }
  if (!has_router_sas(description, IpsecProtocol::ah)) {
    return missing_router_sas("an AH");
  }
  if ((needs.esp_between_routers || description.policies.confidential) &&
      !has_router_sas(description, IpsecProtocol::esp)) {
    return missing_router_sas("an ESP");
  }
  if (needs.spi_in_use && description.spi_in_use.empty()) return "needs an entry in spi_in_use";
  if (needs.ncoa_in_use && description.ncoa_in_use.empty()) return "needs an entry in ncoa_in_use";
  for (const auto& name : needs.capabilities) {
    if (auto missing = missing_means(name, description)) return missing;
  }
  if (!matching_mobile_nodes(needs, description, role)) {
    auto all = description.sas;
    for (const auto& more : description.more_nodes) {
      all.insert(all.end(), more.sas.begin(), more.sas.end());
    }
    return fmt::format("needs {} (hooks.configure can add what is missing)",
                       missing_sas(needs.sas, all));
  }
  return std::nullopt;
}

std::optional<MobileNodeRange> matching_mobile_nodes(const Needs& needs,
                                                     const RouterDescription& description,
                                                     Role role) {
  MobileNodeRange range{1, description.mobile_node_count, {}};
  if (role != Role::pr) return range;
  const auto matches = [&](const std::vector<SaPattern>& sas) {
    if (range.count == 0) return false;
    auto found = find_sas(needs.sas, description, range.first, sas);
    if (found) range.sas = std::move(*found);
    return found.has_value();
  };
  if (matches(description.sas)) return range;
  for (const auto& more : description.more_nodes) {
    range = {range.first + range.count, more.count, {}};
    if (matches(more.sas)) return range;
  }
  return std::nullopt;
}

std::vector<CaseGroup> group_cases(std::span<const Case> cases,
                                   std::span<const std::size_t> indices,
                                   const RouterDescription& description, unsigned retries) {
  std::vector<CaseGroup> groups{{description, {}, true}};
  for (const auto index : indices) {
    const auto& c = cases[index];
    const auto policies = c.needs.policies.over(description.policies);
    const bool more_nodes = needs_more_nodes(c, description);
    const bool as_described = policies == description.policies && !more_nodes;
    auto group = std::ranges::find_if(groups, [&](const CaseGroup& other) {
      return other.as_described == as_described && other.description.policies == policies;
    });
    if (group == groups.end()) {
      group = groups.insert(groups.end(), {description, {}, false});
      group->description.policies = policies;
    }
    group->indices.push_back(index);
    if (more_nodes) add_nodes(group->description, c, retries);
  }
  if (groups.front().indices.empty()) groups.erase(groups.begin());
  return groups;
}

}  // namespace secct::replay
