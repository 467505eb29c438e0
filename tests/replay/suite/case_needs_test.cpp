// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/case_needs.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

namespace secct::replay {
namespace {

constexpr std::size_t max_groups = 8;  // each costs a restart of the router

Case case_with(Role role, const std::string& needs) {
  return read_suite("cases:\n  - id: T/one\n    title: t\n    role: " +
                        std::string(role_name(role)) + "\n    clauses: [RELOC-5.2-2]\n    " +
                        needs + "\n    steps: [{send: shreq}, {expect: shrep}]\n",
                    "t.yaml")
      .at(0);
}

Case case_with_sas(Role role = Role::pr) { return case_with(role, "sas: [{spt: 10}]"); }

// The built-in description with a mobile node that has the SAs of the case, but other SPIs.
RouterDescription with_mobile_node_for(const Case& c) {
  auto description = built_in_description();
  description.more_nodes.push_back({1, {c.needs.sas.list.at(0).sa}});
  description.more_nodes[0].sas[0].spi_base = 0x70000000;
  return description;
}

std::vector<CaseGroup> group(const std::vector<Case>& cases, const RouterDescription& description,
                             unsigned retries = 0) {
  std::vector<std::size_t> indices(cases.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return group_cases(cases, indices, description, retries);
}

TEST(CaseNeeds, NamesTheCapabilitiesThatAreNotDeclared) {
  auto description = built_in_description();
  description.capabilities = {"esp"};
  const auto c = case_with(Role::pr, "needs: [reactive, esp, private]");
  EXPECT_EQ(undeclared_capabilities(c.needs, description, c.role),
            (std::vector<std::string>{"reactive", "private"}));
  EXPECT_TRUE(undeclared_capabilities(c.needs, built_in_description(), c.role).empty());
}

TEST(CaseNeeds, NamesTheCapabilitiesOfTheSasThatTheTesterMakes) {
  auto description = built_in_description();
  description.capabilities = {"reactive"};
  const auto names = [&](const char* sas, Role role) {
    const auto c = case_with(role, std::string("needs: [reactive]\n    sas: ") + sas);
    return undeclared_capabilities(c.needs, description, role);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("[{ipsec: esp}, {ends: V4-V6}]", Role::nr), (Names{"esp", "mixed"}));
  EXPECT_EQ(names("[{ends: V6P-V6, source_private_id: some}]", Role::fa), Names{"private"});
  EXPECT_EQ(names("[{spt: [9, AH-TRANSPORT-HMACSHA1-V6-V6]}]", Role::nr), Names{});
  EXPECT_EQ(names("[{ipsec: esp}]", Role::pr), Names{});  // the description says what it has
}

TEST(CaseNeeds, RequiresThePoliciesOfTheCase) {
  auto description = built_in_description();
  const auto c = case_with(Role::pr, "policies: {confidential: true}");
  EXPECT_EQ(unmet_need(c.needs, description, c.role),
            "needs policies that the description does not have, or hooks.configure");
  description.policies.confidential = true;
  EXPECT_EQ(unmet_need(c.needs, description, c.role), std::nullopt);
}

TEST(CaseNeeds, RequireTheValuesThatStepsUse) {
  auto description = built_in_description();
  const auto need_of = [&](const char* steps) {
    const auto c = read_suite(std::string("cases:\n  - id: T/one\n    title: t\n    role: nr\n"
                                          "    clauses: [RELOC-4-14]\n    steps: ") +
                                  steps + "\n",
                              "t.yaml")
                       .at(0);
    return unmet_need(c.needs, description, c.role);
  };
  const auto* spi = "[{send: shrep, set: {secct.sa.spi: $spi-in-use}}]";
  const auto* ncoa = "[{send: hi, set: {secct.naddr: $ncoa-in-use}}]";
  const auto* esp = "[{send: hi, under: esp}]";
  for (const auto* steps : {spi, ncoa, esp}) EXPECT_EQ(need_of(steps), std::nullopt) << steps;
  description.spi_in_use.clear();
  description.ncoa_in_use.clear();
  std::erase_if(description.router_sas,
                [](const auto& sa) { return sa.sa.protocol == IpsecProtocol::esp; });
  EXPECT_EQ(need_of(spi), "needs an entry in spi_in_use");
  EXPECT_EQ(need_of(ncoa), "needs an entry in ncoa_in_use");
  EXPECT_EQ(need_of(esp),
            "needs an ESP SA in each direction between the routers; router_sas has none");
  description.router_sas.clear();
  EXPECT_EQ(need_of("[{send: hi}]"),
            "needs an AH SA in each direction between the routers; router_sas has none");
}

TEST(CaseNeeds, RequireMobileNodesWithTheSasInRolePrOnly) {
  const auto description = built_in_description();
  EXPECT_EQ(unmet_need(case_with_sas().needs, description, Role::pr),
            "needs an ESP-TUNNEL-AES-CBC-V6 SA; the description has none (hooks.configure can add "
            "what is missing)");
  EXPECT_EQ(unmet_need(case_with_sas().needs, description, Role::nr), std::nullopt);
}

TEST(CaseNeeds, FindTheMobileNodesWithTheSasWhateverTheirSpis) {
  const auto c = case_with_sas();
  const auto description = with_mobile_node_for(c);
  const auto nodes = matching_mobile_nodes(c.needs, description, Role::pr);
  ASSERT_TRUE(nodes);
  EXPECT_EQ(nodes->first, description.mobile_node_count + 1);
  EXPECT_EQ(nodes->count, 1U);
  // Where the tester chooses the SAs, every mobile node of the description fits.
  const auto any = matching_mobile_nodes(c.needs, description, Role::nr);
  ASSERT_TRUE(any);
  EXPECT_EQ(any->first, 1U);
  EXPECT_EQ(any->count, description.mobile_node_count);
}

TEST(GroupCases, KeepsTheDescriptionThatMeetsTheNeeds) {
  const auto plain = group({case_with(Role::pr, "needs: [reactive]")}, built_in_description());
  ASSERT_EQ(plain.size(), 1U);
  EXPECT_TRUE(plain[0].as_described);
  const auto own_sas = group({case_with_sas()}, with_mobile_node_for(case_with_sas()));
  ASSERT_EQ(own_sas.size(), 1U);
  EXPECT_TRUE(own_sas[0].as_described);
}

TEST(GroupCases, PutsTheCasesOfTheOriginalDescriptionFirst) {
  const auto groups = group({case_with(Role::pr, "policies: {confidential: true}"),
                             case_with(Role::pr, "needs: [reactive]"),
                             case_with(Role::pr, "policies: {confidential: true}")},
                            built_in_description());
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_TRUE(groups[0].as_described);
  EXPECT_EQ(groups[0].indices, std::vector<std::size_t>{1});
  EXPECT_FALSE(groups[1].as_described);
  EXPECT_EQ(groups[1].indices, (std::vector<std::size_t>{0, 2}));
  EXPECT_TRUE(groups[1].description.policies.confidential);
}

TEST(GroupCases, AddsMobileNodesForRetriesAndControls) {
  std::vector<Case> cases{case_with_sas(), case_with_sas()};
  cases[1].mutation = Mutation{};
  const auto groups = group(cases, built_in_description(), 2);
  ASSERT_EQ(groups.at(0).description.more_nodes.size(), 1U);
  EXPECT_EQ(groups[0].description.more_nodes[0].count, 3U + 2 * 3U);
}

TEST(GroupCases, AddsNoMobileNodesForUndeclaredCapabilities) {
  auto description = built_in_description();
  std::erase(description.capabilities, "private");
  const auto groups = group(
      {case_with(Role::pr, "needs: [private]\n    sas: [{ends: V6P-V6, source_private_id: some}]")},
      description);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_TRUE(groups[0].as_described);
}

TEST(GroupCases, MeetsTheNeedsOfEveryBuiltInCaseInFewGroups) {
  const auto& cases = built_in_cases();
  const auto groups = group(cases, built_in_description());
  EXPECT_LE(groups.size(), max_groups);
  std::vector<std::size_t> grouped;
  for (const auto& each : groups) {
    for (const auto i : each.indices) {
      EXPECT_EQ(unmet_need(cases[i].needs, each.description, cases[i].role), std::nullopt)
          << cases[i].id;
      grouped.push_back(i);
    }
  }
  std::ranges::sort(grouped);
  EXPECT_EQ(std::ranges::adjacent_find(grouped), grouped.end());
  EXPECT_EQ(grouped.size(), cases.size());
}

TEST(GroupCases, MakesDescriptionsThatCanBeWrittenAndRead) {
  for (const auto& each : group(built_in_cases(), built_in_description())) {
    const auto text = YAML::Dump(to_yaml(each.description, built_in_yaml()));
    const auto back = read_description(parse_yaml(text, "group.yaml"), "group.yaml");
    EXPECT_EQ(back.policies, each.description.policies);
    EXPECT_EQ(back.mobile_node_count, each.description.mobile_node_count);
    ASSERT_EQ(back.more_nodes.size(), each.description.more_nodes.size());
    for (std::size_t i = 0; i < back.more_nodes.size(); ++i) {
      EXPECT_EQ(back.more_nodes[i].count, each.description.more_nodes[i].count);
      EXPECT_EQ(back.more_nodes[i].sas, each.description.more_nodes[i].sas);
    }
  }
}

}  // namespace
}  // namespace secct::replay
