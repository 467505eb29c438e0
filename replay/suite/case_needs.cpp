// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/case_needs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "protocol/tables/spt.hpp"

namespace secct::replay {
namespace {

// SPIs only tell SAs from one another.
bool same_sas(const std::vector<SaPattern>& a, const std::vector<SaPattern>& b) {
  return std::ranges::equal(a, b, [](const SaPattern& one, const SaPattern& other) {
    if (one.type != other.type || one.context.spt != other.context.spt) return false;
    auto moved = one;
    moved.spi_base = other.spi_base;
    return moved == other;
  });
}

bool needs_own_sas(const Needs& needs, Role role) { return role == Role::pr && !needs.sas.empty(); }

std::string in_words(const std::vector<SaPattern>& sas) {
  std::vector<std::string> texts;
  for (const auto& sa : sas) {
    texts.push_back(
        fmt::format("type {} {} {}", sa.type, name(sa.direction), spt_name(sa.context.spt)));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

// Mobile nodes that have not been used: one for each run of the case, and of its control.
std::uint32_t nodes_used_up(const Case& c, unsigned retries) {
  return (c.mutation ? 2U : 1U) * (retries + 1);
}

// Whether the router is to be given mobile nodes for the case. What it is not capable of it is not
// given: such SAs may be what it cannot have.
bool needs_nodes(const Case& c, const RouterDescription& description) {
  return !nodes_for(c.needs, description, c.role) && undeclared(c.needs, description).empty();
}

void add_nodes(RouterDescription& description, const Case& c, unsigned retries) {
  const auto count = nodes_used_up(c, retries);
  if (count > most_mobile_nodes - description.last_mobile_node()) return;
  const auto same = std::ranges::find_if(description.more_nodes, [&](const MoreNodes& more) {
    return same_sas(more.sas, c.needs.sas);
  });
  if (same != description.more_nodes.end()) {
    same->count += count;
  } else {
    description.more_nodes.push_back({count, c.needs.sas});
  }
}

}  // namespace

std::vector<std::string> undeclared(const Needs& needs, const RouterDescription& description) {
  std::vector<std::string> names;
  for (const auto& name : needs.capabilities) {
    if (!description.capable(name)) names.push_back(name);
  }
  return names;
}

std::optional<std::string> lacking(const Needs& needs, const RouterDescription& description,
                                   Role role) {
  if (!(needs.policies.over(description.policies) == description.policies)) {
    return "needs other policies than the description says, or hooks.configure";
  }
  if (needs.spi_in_use && description.spi_in_use.empty()) return "needs an SPI in spi_in_use";
  if (!nodes_for(needs, description, role)) {
    return "needs mobile nodes with just these SAs, or hooks.configure: " + in_words(needs.sas);
  }
  return std::nullopt;
}

std::optional<NodeRange> nodes_for(const Needs& needs, const RouterDescription& description,
                                   Role role) {
  NodeRange range{1, description.mobile_node_count};
  if (!needs_own_sas(needs, role) || same_sas(needs.sas, description.sas)) return range;
  for (const auto& more : description.more_nodes) {
    range = {range.first + range.count, more.count};
    if (same_sas(needs.sas, more.sas)) return range;
  }
  return std::nullopt;
}

bool chooses_sas(const Needs& needs, Role role) { return role != Role::pr && !needs.sas.empty(); }

std::vector<CaseGroup> grouped(std::span<const Case> cases, std::span<const std::size_t> places,
                               const RouterDescription& description, unsigned retries) {
  std::vector<CaseGroup> groups{{description, {}, true}};
  for (const auto place : places) {
    const auto& c = cases[place];
    const auto policies = c.needs.policies.over(description.policies);
    const bool own_nodes = needs_nodes(c, description);
    const bool as_described = policies == description.policies && !own_nodes;
    auto group = std::ranges::find_if(groups, [&](const CaseGroup& other) {
      return other.as_described == as_described && other.description.policies == policies;
    });
    if (group == groups.end()) {
      group = groups.insert(groups.end(), {description, {}, false});
      group->description.policies = policies;
    }
    group->places.push_back(place);
    if (own_nodes) add_nodes(group->description, c, retries);
  }
  if (groups.front().places.empty()) groups.erase(groups.begin());
  return groups;
}

}  // namespace secct::replay
