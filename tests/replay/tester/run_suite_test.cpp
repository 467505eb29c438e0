// SPDX-License-Identifier: GPL-2.0-or-later
// Whole suites against embedded routers and through a link with hooks.
#include "replay/tester/run_suite.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/transmit/port.hpp"
#include "replay/tester/initial_sequence_numbers.hpp"

namespace secct::replay {
namespace {

using testing::HasSubstr;

RouterDescription with_hooks() {
  auto description = built_in_description();
  description.hooks.configure = "true";
  description.hooks.trigger = "true";
  return description;
}

std::vector<Case> case_with(const std::string& needs, const std::string& role = "pr") {
  return read_suite("cases:\n  - id: T/one\n    title: t\n    role: " + role +
                        "\n    clauses: [RELOC-5.2-2]\n    " + needs +
                        "\n    steps: [{send: shreq}, {expect: shrep}]\n",
                    "t.yaml");
}

CaseResult run_one(const std::vector<Case>& cases, const RouterDescription& description) {
  MemoryLink link(description, description.roles);
  return run_live(cases, description, link, {}).at(0);
}

TEST(RunLive, WithHooksGivesEveryCaseTheVerdictOfTheEmbeddedRun) {
  const auto description = with_hooks();
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

TEST(RunLive, WithoutHooksPassesOrIsUnsupported) {
  const auto description = built_in_description();
  MemoryLink link(description, description.roles);
  const auto results = run_live(built_in_cases(), description, link, {});
  const auto count = [&](Verdict verdict) {
    return std::ranges::count(results, verdict, &CaseResult::verdict);
  };
  EXPECT_EQ(count(Verdict::pass) + count(Verdict::unsupported), std::ssize(results));
  EXPECT_GT(count(Verdict::pass), 0);
  EXPECT_GT(count(Verdict::unsupported), 0);
}

TEST(RunLive, NamesTheNeedThatIsNotMet) {
  const auto description = built_in_description();
  EXPECT_EQ(run_one(case_with("sas: [{spt: 10}]"), description).failure.text,
            "needs an ESP-TUNNEL-AES-CBC-V6 SA; the description has none (hooks.configure can add "
            "what is missing)");
  EXPECT_EQ(run_one(case_with("policies: {confidential: true}"), description).failure.text,
            "needs policies that the description does not have, or hooks.configure");
  EXPECT_EQ(run_one(case_with("needs: [trigger]"), description).failure.text,
            "needs hooks.trigger");
}

TEST(RunLive, CasesOfAnotherRoleAreUnsupported) {
  auto description = built_in_description();
  description.roles = {Role::nr};
  const auto result = run_one(case_with("tags: x"), description);
  EXPECT_EQ(result.verdict, Verdict::unsupported);
  EXPECT_EQ(result.failure.text, "the router does not have the role pr");
}

TEST(RunLive, DoesNotConfigureARouterForAnUndeclaredCapability) {
  auto description = with_hooks();
  std::erase(description.capabilities, "private");
  const auto result =
      run_one(case_with("needs: [private]\n    sas: [{type: 5, direction: to-mn, spt: "
                        "ESP-TRANSPORT-AES-CBC-V6P-V6, source_private_id: 1}]"),
              description);
  EXPECT_EQ(result.verdict, Verdict::unsupported);
  EXPECT_THAT(result.failure.text, HasSubstr("needs the capability private"));
}

// hooks.configure fails if the description requires confidentiality, and the router does not start
// if it requires stateful address configuration.
class FailingHookLink : public MemoryLink {
 public:
  explicit FailingHookLink(const RouterDescription& description)
      : MemoryLink(description, description.roles) {}
  void configure(const RouterDescription& description) override {
    if (description.policies.confidential) throw SetupError("hooks.configure: failed");
    stopped_ = description.policies.stateful;
    MemoryLink::configure(description);
  }
  void send(Octets datagram) override {
    if (!stopped_) MemoryLink::send(std::move(datagram));
  }

 private:
  bool stopped_ = false;
};

TEST(RunLive, AFailedHookAffectsOnlyTheCasesThatNeedIt) {
  const auto description = with_hooks();
  FailingHookLink link(description);
  const auto& cases = built_in_cases();
  const auto results = run_live(cases, description, link, {});
  std::size_t failed = 0;
  std::size_t stopped = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto policies = cases[i].needs.policies.over(description.policies);
    if (policies.confidential) {
      ++failed;
      EXPECT_EQ(results[i].verdict, Verdict::setup_fail);
      EXPECT_EQ(results[i].failure.text, "hooks.configure: failed");
    } else if (policies.stateful) {
      ++stopped;
      EXPECT_EQ(results[i].verdict, Verdict::setup_fail);
      EXPECT_EQ(results[i].failure.text,
                "the router does not answer an echo request at 2001:db8:2::1 after "
                "hooks.configure");
    } else {
      EXPECT_EQ(results[i].verdict, Verdict::pass) << cases[i].id;
    }
  }
  EXPECT_GT(failed, 0U);
  EXPECT_GT(stopped, 0U);
}

TEST(InitialSequenceNumbers, AreHigherInEachLaterRun) {
  constexpr Time day = seconds(86400);
  constexpr Time now = seconds(1800000000);  // January 2027
  auto first = built_in_description();
  auto second = built_in_description();
  set_initial_sequence_numbers(first, now);
  set_initial_sequence_numbers(second, now + day);
  for (std::size_t i = 0; i < first.router_sas.size(); ++i) {
    if (first.router_sas[i].from_dut) {
      EXPECT_FALSE(first.router_sas[i].sequence);
    } else {
      EXPECT_EQ(*second.router_sas[i].sequence - *first.router_sas[i].sequence, 64U * 86400U);
    }
  }
}

TEST(InitialSequenceNumbers, KeepThoseOfTheDescriptionAndOfVirtualTime) {
  auto description = built_in_description();
  const auto tester_sa = std::ranges::find(description.router_sas, false, &RouterSa::from_dut);
  ASSERT_NE(tester_sa, description.router_sas.end());
  set_initial_sequence_numbers(description, seconds(5));
  EXPECT_FALSE(tester_sa->sequence);
  tester_sa->sequence = 7;
  set_initial_sequence_numbers(description, seconds(1800000000));
  EXPECT_EQ(tester_sa->sequence, 7U);
}

}  // namespace
}  // namespace secct::replay
