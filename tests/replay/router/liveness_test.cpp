// SPDX-License-Identifier: GPL-2.0-or-later
// Routers that stop answering, recover, or lose packets: verdicts of the case that stopped the
// router and of the other cases.
#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/transmit/port.hpp"
#include "replay/tester/engine.hpp"

namespace secct::replay {
namespace {

using testing::HasSubstr;

constexpr std::size_t hop_limit_at = 7;
constexpr std::uint8_t fatal_hop_limit = 77;

// The embedded router, which stops answering after a packet with a certain hop limit.
class CrashingLink : public Link {
 public:
  enum class Reset : std::uint8_t { works, none, fails };
  CrashingLink(const RouterDescription& description, Role role, Reset reset)
      : roles_{role}, inner_(description, roles_), reset_(reset) {}

  Time now() const override { return inner_.now(); }
  void send(Octets datagram) override {
    if (datagram[hop_limit_at] == fatal_hop_limit) crashed_ = true;
    if (!crashed_) inner_.send(std::move(datagram));
  }
  std::optional<Octets> receive(Time until) override { return inner_.receive(until); }
  bool reset() override {
    if (reset_ == Reset::none) return false;
    if (reset_ == Reset::fails) throw SetupError("hooks.reset: 'x' failed with exit status 7");
    crashed_ = false;
    ++resets;
    return inner_.reset();
  }

  int resets = 0;

 private:
  Role roles_[1];
  MemoryLink inner_;
  Reset reset_;
  bool crashed_ = false;
};

// Drops the first packets of the tester, except liveness probes.
class LossyLink : public MemoryLink {
 public:
  LossyLink(const RouterDescription& description, std::span<const Role> roles, int lost)
      : MemoryLink(description, roles), lost_(lost) {}
  void send(Octets datagram) override {
    const bool probe = datagram.size() == 48;  // IPv6 and an echo request without data
    if (!probe && lost_ > 0) {
      --lost_;
      return;
    }
    MemoryLink::send(std::move(datagram));
  }

 private:
  int lost_;
};

std::string simple_case(int number, const std::string& mutation = "") {
  return "  - id: T/" + std::to_string(number) +
         "\n    title: t\n    role: pr\n    clauses: [RELOC-5.2-2]\n    steps:\n"
         "      - send: shreq\n      - expect: shrep\n        fields: {secct.status: 200}\n" +
         mutation;
}

constexpr const char* fatal_mutation =
    "    mutate:\n      send: shreq\n      set: {ipv6.hlim: 77}\n      then: discarded\n";

std::vector<CaseResult> run(const std::string& text, Link& link, EngineOptions options = {}) {
  static const auto description = built_in_description();
  static std::deque<std::vector<Case>> all_cases;  // results refer to them
  const auto& cases = all_cases.emplace_back(read_suite(text, "t.yaml"));
  std::vector<const Case*> all;
  for (const auto& c : cases) all.push_back(&c);
  return run_cases(all, description, link, options);
}

TEST(Liveness, FailsOnlyTheCaseThatStopsTheRouterAndContinuesAfterReset) {
  const auto description = built_in_description();
  CrashingLink link(description, Role::pr, CrashingLink::Reset::works);
  std::string text = "cases:\n";
  for (int i = 0; i < 8; ++i) text += simple_case(i, i == 5 ? fatal_mutation : "");
  text += simple_case(8,
                      "    mutate:\n      send: shreq\n      set: {ipv6.hlim: 64}\n"
                      "      then: discarded\n");
  const auto results = run(text, link);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i == 5) {
      EXPECT_EQ(results[i].verdict, Verdict::fail);
      EXPECT_EQ(results[i].failure.clause, "ROBUST-9");
      EXPECT_THAT(results[i].failure.text, HasSubstr("stopped answering"));
      EXPECT_THAT(results[i].packets.back().comment, HasSubstr("stopped answering"));
    } else {
      EXPECT_EQ(results[i].verdict, Verdict::pass) << i << results[i].failure.reason();
    }
  }
  EXPECT_GE(link.resets, 1);
}

TEST(Liveness, FailsEachOfTwoCasesThatStopTheRouter) {
  const auto description = built_in_description();
  CrashingLink link(description, Role::pr, CrashingLink::Reset::works);
  std::string text = "cases:\n";
  for (int i = 0; i < 4; ++i) text += simple_case(i, i % 2 == 1 ? fatal_mutation : "");
  const auto results = run(text, link);
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].verdict, i % 2 == 1 ? Verdict::fail : Verdict::pass) << i;
  }
}

TEST(Liveness, RemainingCasesAreInconclusiveWithoutReset) {
  const auto description = built_in_description();
  CrashingLink link(description, Role::pr, CrashingLink::Reset::none);
  EngineOptions options;
  options.jobs = 1;
  std::string text = "cases:\n";
  for (int i = 0; i < 4; ++i) text += simple_case(i, i == 1 ? fatal_mutation : "");
  const auto results = run(text, link, options);
  EXPECT_EQ(results[0].verdict, Verdict::pass);
  EXPECT_EQ(results[1].verdict, Verdict::fail);
  EXPECT_EQ(results[2].verdict, Verdict::inconclusive);
  EXPECT_EQ(results[3].verdict, Verdict::inconclusive);
  EXPECT_THAT(results[3].failure.text, HasSubstr("stopped answering in T/1"));
}

TEST(Liveness, ReportsAFailingResetHookAndKeepsResults) {
  const auto description = built_in_description();
  CrashingLink link(description, Role::pr, CrashingLink::Reset::fails);
  EngineOptions options;
  options.jobs = 1;
  const auto results = run(
      "cases:\n" + simple_case(0) + simple_case(1, fatal_mutation) + simple_case(2), link, options);
  EXPECT_EQ(results[0].verdict, Verdict::pass);
  EXPECT_EQ(results[1].verdict, Verdict::fail);
  EXPECT_EQ(results[2].verdict, Verdict::inconclusive);
  EXPECT_EQ(results[2].failure.text,
            "the router stopped answering in T/1; hooks.reset: 'x' failed with exit status 7");
}

TEST(Liveness, RouterWithoutAnyAnswerIsSetupFail) {
  const auto description = built_in_description();
  const Role roles[] = {Role::pr};
  auto elsewhere = description;
  elsewhere.address[15] ^= 1;
  elsewhere.mn_address = elsewhere.address;
  MemoryLink link(elsewhere, roles);
  for (const auto& result : run("cases:\n" + simple_case(0) + simple_case(1), link)) {
    EXPECT_EQ(result.verdict, Verdict::setup_fail);
    EXPECT_THAT(result.failure.text, HasSubstr("does not answer an echo request"));
  }
}

TEST(Retries, CaseThatPassesOnARetryIsFlaky) {
  const auto description = built_in_description();
  const Role roles[] = {Role::pr};
  EngineOptions options;
  options.retries = 2;
  LossyLink once(description, roles, 1);
  const auto flaky = run("cases:\n" + simple_case(0), once, options).at(0);
  EXPECT_EQ(flaky.verdict, Verdict::pass);
  EXPECT_TRUE(flaky.flaky);
  EXPECT_THAT(flaky.failure.reason(), HasSubstr("no answer"));

  LossyLink often(description, roles, 3);
  const auto failed = run("cases:\n" + simple_case(0), often, options).at(0);
  EXPECT_EQ(failed.verdict, Verdict::fail);
  EXPECT_FALSE(failed.flaky);
}

TEST(Quiet, QuietCaseRunsAlone) {
  const auto description = built_in_description();
  const Role roles[] = {Role::pr};
  MemoryLink link(description, roles);
  const auto text = "cases:\n" + simple_case(0) + simple_case(1) +
                    "  - id: T/quiet\n    title: t\n    role: pr\n    clauses: [RELOC-5.2-2]\n"
                    "    quiet: true\n    steps: [{send: shreq}, {expect: shrep}]\n";
  const auto results = run(text, link);
  ASSERT_EQ(results.size(), 3U);
  for (const auto& other : {results[0], results[1]}) {
    EXPECT_LE(other.packets.back().time, results[2].packets.front().time);
  }
}

}  // namespace
}  // namespace secct::replay
