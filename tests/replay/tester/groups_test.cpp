// SPDX-License-Identifier: GPL-2.0-or-later
// Cases that need another router than the description tells: which run together, what the router is
// made, and what becomes of them when it cannot be.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/transmit/port.hpp"
#include "replay/suite/case_needs.hpp"
#include "replay/tester/engine.hpp"
#include "replay/wire/configurator.hpp"

namespace secct::replay {
namespace {

using testing::HasSubstr;

constexpr std::size_t most_groups = 8;  // each is a restart of the router

RouterDescription hooked() {
  auto description = built_in_description();
  description.hooks.configure = "true";
  description.hooks.trigger = "true";
  return description;
}

std::vector<CaseGroup> all_groups(const RouterDescription& description, unsigned retries = 0) {
  std::vector<std::size_t> places(built_in_cases().size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  return grouped(built_in_cases(), places, description, retries);
}

std::vector<Case> needing(const std::string& role, const std::string& what) {
  return read_suite("cases:\n  - id: T/one\n    title: t\n    role: " + role +
                        "\n    clauses: [RELOC-5.2-2]\n    " + what +
                        "\n    steps: [{send: shreq}, {expect: shrep}]\n",
                    "t.yaml");
}

std::size_t count(const std::vector<CaseResult>& results, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(results, verdict, &CaseResult::verdict));
}

TEST(Groups, EveryCaseIsInOneThatHasWhatItNeeds) {
  const auto& cases = built_in_cases();
  const auto groups = all_groups(built_in_description());
  EXPECT_LE(groups.size(), most_groups);
  std::vector<std::size_t> seen;
  for (const auto& group : groups) {
    for (const auto place : group.places) {
      EXPECT_EQ(lacking(cases[place].needs, group.description, cases[place].role), std::nullopt)
          << cases[place].id;
      seen.push_back(place);
    }
  }
  std::ranges::sort(seen);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
  EXPECT_EQ(seen.size(), cases.size());
}

TEST(Groups, WhatTheDescriptionHasIsNotChanged) {
  const auto description = built_in_description();
  const auto plain = needing("pr", "needs: [reactive]");
  const std::size_t places[] = {0};
  const auto groups = grouped(plain, places, description, 0);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_TRUE(groups[0].as_described);

  const auto own = needing("pr", "sas: [{type: 5, direction: to-mn, spt: 9}]");
  auto described = description;
  described.more_nodes.push_back({1, own[0].needs.sas});
  described.more_nodes[0].sas[0].spi_base = 0x70000000;  // SPIs may differ
  const auto has = grouped(own, places, described, 0);
  ASSERT_EQ(has.size(), 1U);
  EXPECT_TRUE(has[0].as_described);
  EXPECT_EQ(nodes_for(own[0].needs, described, Role::pr)->first, description.mobile_node_count + 1);
  // The tester chooses the SAs where it plays the previous router.
  EXPECT_EQ(nodes_for(own[0].needs, described, Role::nr)->first, 1U);
}

TEST(Groups, MobileNodesAreEnoughForRetriesAndControls) {
  auto cases = needing("pr", "sas: [{type: 5, direction: to-mn, spt: 9}]");
  cases.push_back(cases[0]);
  cases[1].mutation = Mutation{};
  const std::size_t places[] = {0, 1};
  const auto groups = grouped(cases, places, built_in_description(), 2);
  ASSERT_EQ(groups.at(0).description.more_nodes.size(), 1U);
  EXPECT_EQ(groups[0].description.more_nodes[0].count, 3U + 2 * 3U);
}

TEST(Groups, WhatTheRouterIsNotCapableOfItIsNotMade) {
  auto description = built_in_description();
  std::erase(description.capabilities, "private");
  const auto cases = needing(
      "pr",
      "needs: [private]\n    sas: [{type: 5, direction: to-mn, spt: ESP-TRANSPORT-AES-CBC-V6P-V6, "
      "source_private_id: 1}]");
  description.hooks.configure = "true";
  MemoryLink link(description, description.roles);
  const auto result = run_live(cases, description, link, {}).at(0);
  EXPECT_EQ(result.verdict, Verdict::unsupported);
  EXPECT_THAT(result.failure.text, HasSubstr("needs the capability private"));
}

TEST(Groups, TheirDescriptionsReadBack) {
  for (const auto& group : all_groups(built_in_description())) {
    const auto text = YAML::Dump(description_of(group.description, built_in_yaml()));
    const auto back = read_description(parse_yaml(text, "made"), "made");
    EXPECT_EQ(back.policies, group.description.policies);
    EXPECT_EQ(back.mobile_node_count, group.description.mobile_node_count);
    ASSERT_EQ(back.more_nodes.size(), group.description.more_nodes.size());
    for (std::size_t i = 0; i < back.more_nodes.size(); ++i) {
      EXPECT_EQ(back.more_nodes[i].count, group.description.more_nodes[i].count);
      EXPECT_EQ(back.more_nodes[i].sas, group.description.more_nodes[i].sas);
    }
  }
}

TEST(Live, WithHooksEveryCaseGetsTheVerdictThatItGetsEmbedded) {
  const auto description = hooked();
  const auto embedded = run_embedded(built_in_cases(), description, {});
  for (const std::size_t jobs : {0U, 5U}) {
    MemoryLink link(description, description.roles);
    std::size_t last = 0;
    EngineOptions options;
    options.jobs = jobs;
    options.progress = [&](std::size_t done, std::size_t) {
      EXPECT_GE(done, last);
      last = done;
    };
    const auto live = run_live(built_in_cases(), description, link, options);
    for (std::size_t i = 0; i < live.size(); ++i) {
      EXPECT_EQ(live[i].verdict, embedded[i].verdict)
          << built_in_cases()[i].id << ": " << live[i].failure.reason();
    }
    EXPECT_EQ(last, live.size());
  }
}

TEST(Live, WithoutThemWhatTheDescriptionLacksIsUnsupported) {
  const auto description = built_in_description();
  MemoryLink link(description, description.roles);
  const auto results = run_live(built_in_cases(), description, link, {});
  EXPECT_EQ(count(results, Verdict::pass) + count(results, Verdict::unsupported), results.size());
  const auto own_sas = needing("pr", "sas: [{type: 5, direction: to-mn, spt: 9}]");
  EXPECT_EQ(run_live(own_sas, description, link, {}).at(0).failure.text,
            "needs mobile nodes with just these SAs, or hooks.configure: type 5 to-mn "
            "ESP-TRANSPORT-AES-CBC-V6");
  const auto other_policy = needing("pr", "policies: {confidential: true}");
  EXPECT_EQ(run_live(other_policy, description, link, {}).at(0).failure.text,
            "needs other policies than the description says, or hooks.configure");
  const auto triggered = needing("pr", "needs: [trigger]");
  EXPECT_EQ(run_live(triggered, description, link, {}).at(0).failure.text, "needs hooks.trigger");
}

// A router that some descriptions cannot be given to.
class StubbornLink : public MemoryLink {
 public:
  explicit StubbornLink(const RouterDescription& description)
      : MemoryLink(description, description.roles) {}
  void configure(const RouterDescription& description) override {
    if (description.policies.confidential)
      throw SetupError("hooks.configure: 'x' ends with status 7");
    dead_ = description.policies.stateful;
    MemoryLink::configure(description);
  }
  void send(Octets datagram) override {
    if (!dead_) MemoryLink::send(std::move(datagram));
  }

 private:
  bool dead_ = false;
};

TEST(Live, AHookThatFailsOrKillsTheRouterCostsOnlyTheCasesThatNeedIt) {
  const auto description = hooked();
  StubbornLink link(description);
  const auto& cases = built_in_cases();
  const auto results = run_live(cases, description, link, {});
  std::size_t refused = 0;
  std::size_t gone = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto policies = cases[i].needs.policies.over(description.policies);
    if (policies.confidential) {
      ++refused;
      EXPECT_EQ(results[i].verdict, Verdict::setup_fail);
      EXPECT_EQ(results[i].failure.text, "hooks.configure: 'x' ends with status 7");
    } else if (policies.stateful) {
      ++gone;
      EXPECT_EQ(results[i].verdict, Verdict::setup_fail);
      EXPECT_EQ(results[i].failure.text,
                "the router does not answer an echo request at 2001:db8:2::1 after "
                "hooks.configure");
    } else {
      EXPECT_EQ(results[i].verdict, Verdict::pass) << cases[i].id;
    }
  }
  EXPECT_GT(refused, 0U);
  EXPECT_GT(gone, 0U);
}

class ConfiguratorTest : public testing::Test {
 protected:
  ConfiguratorTest() { std::ofstream(description_) << YAML::Dump(built_in_yaml()) << '\n'; }
  ~ConfiguratorTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_ = [] {
    auto name = (std::filesystem::temp_directory_path() / "secct-test-XXXXXX").string();
    return std::filesystem::path(mkdtemp(name.data()));
  }();
  std::filesystem::path description_ = folder_ / "lab.yaml";
  std::filesystem::path seen_ = folder_ / "seen";
};

TEST_F(ConfiguratorTest, TheHookGetsAWholeDescriptionThatNobodyElseMayRead) {
  auto description = built_in_description();
  description.hooks.configure = "cp \"$DUT\" " + seen_.string() + "; echo \"$DUT\" >" +
                                (folder_ / "name").string() +
                                "; test $(stat -c %a $(dirname \"$DUT\")) = 700";
  std::string name;
  {
    Configurator configurator(description, description_.string());
    description.policies.confidential = true;
    description.timing_scale = 0.5;
    description.codepoints.set(CodePoint::icmpv6_hi, 150);
    description.more_nodes.push_back({2, {description.sas[0]}});
    configurator.configure(description);
    std::ifstream(folder_ / "name") >> name;
    EXPECT_TRUE(std::filesystem::exists(name));
    const auto seen = load_description(seen_.string());
    EXPECT_TRUE(seen.policies.confidential);
    EXPECT_EQ(seen.timing_scale, 0.5);
    EXPECT_EQ(seen.codepoints[CodePoint::icmpv6_hi], 150);
    EXPECT_EQ(seen.last_mobile_node(), description.mobile_node_count + 2);
    EXPECT_EQ(seen.capabilities, description.capabilities);

    std::filesystem::remove(seen_);
    configurator.again();
    EXPECT_TRUE(load_description(seen_.string()).policies.confidential);
    configurator.configure(built_in_description());
    EXPECT_EQ(load_description(seen_.string()).last_mobile_node(), description.mobile_node_count);
  }
  EXPECT_FALSE(std::filesystem::exists(name));
}

TEST_F(ConfiguratorTest, AHookThatFailsOrIsMissingIsTold) {
  auto description = built_in_description();
  const auto told = [&](const std::string& command) -> std::string {
    description.hooks.configure = command;
    Configurator configurator(description, description_.string());
    try {
      configurator.configure(description);
    } catch (const SetupError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(told("exit 7"), "hooks.configure: 'exit 7' ends with status 7");
  EXPECT_EQ(told("/nowhere/at/all 2>/dev/null"),
            "hooks.configure: '/nowhere/at/all 2>/dev/null' ends with status 127");
  EXPECT_EQ(told("kill -9 $$"), "hooks.configure: 'kill -9 $$' is ended by signal 9");
}

}  // namespace
}  // namespace secct::replay
