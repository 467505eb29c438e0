// SPDX-License-Identifier: GPL-2.0-or-later
// The engine against embedded routers: verdicts, controls, reasons.
#include "replay/tester/engine.hpp"

#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/transmit/port.hpp"
#include "replay/tester/run_suite.hpp"

namespace secct::replay {
namespace {

using testing::HasSubstr;

std::vector<Case> one(const std::string& role, const std::string& rest) {
  return read_suite("cases:\n  - id: T/one\n    title: t\n    role: " + role +
                        "\n    clauses: [RELOC-5.2-2]\n" + rest,
                    "t.yaml");
}

CaseResult run_one(const std::vector<Case>& cases) {
  return run_embedded(cases, built_in_description(), {}).at(0);
}

// The built-in cases that do not pass, one line each.
std::string not_passed(const std::vector<CaseResult>& results) {
  std::string text;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].verdict == Verdict::pass) continue;
    text += built_in_cases()[i].id + ": " + std::string(name(results[i].verdict)) + ": " +
            results[i].failure.reason() + "\n";
  }
  return text;
}

TEST(Engine, PassesEveryBuiltInCaseWithTheReferenceRouter) {
  const auto results = run_embedded(built_in_cases(), built_in_description(), {});
  EXPECT_EQ(not_passed(results), "");
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_FALSE(results[i].packets.empty()) << built_in_cases()[i].id;
  }
}

TEST(Engine, RunsCasesOneAtATimeWithTheSameVerdicts) {
  EngineOptions options;
  options.jobs = 1;
  std::size_t last = 0;
  options.progress = [&](std::size_t done, std::size_t) { last = std::max(last, done); };
  EXPECT_EQ(not_passed(run_embedded(built_in_cases(), built_in_description(), options)), "");
  EXPECT_EQ(last, built_in_cases().size());
}

TEST(Engine, MultipliesAllTimesByTheTimingScale) {
  auto description = built_in_description();
  for (const double scale : {0.1, 3.0}) {
    description.timing_scale = scale;
    EXPECT_EQ(not_passed(run_embedded(built_in_cases(), description, {})), "") << scale;
  }
}

TEST(Engine, FailsForAWrongValueAndNamesFieldAndValues) {
  const auto result = run_one(one("pr",
                                  "    steps:\n"
                                  "      - send: shreq\n"
                                  "      - expect: shrep\n"
                                  "        fields: {secct.status: 105}\n"));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.failure.clause, "RELOC-5.2-2");
  EXPECT_EQ(result.failure.field, "secct.status");
  EXPECT_EQ(result.failure.expected, "105");
  EXPECT_THAT(result.failure.actual, HasSubstr("200"));
}

TEST(Engine, IsNonStrictForAnotherErrorStatus) {
  const auto result = run_one(one("pr",
                                  "    steps:\n"
                                  "      - send: shreq\n"
                                  "        set: {secct.auth.token: 1}\n"
                                  "      - expect: shrep\n"
                                  "        fields: {secct.status: 104}\n"));
  EXPECT_EQ(result.verdict, Verdict::non_strict);
}

TEST(Engine, FailsForAnAnswerToAPacketThatMustBeDiscarded) {
  const auto result =
      run_one(one("pr", "    steps:\n      - send: shreq\n      - expect-nothing: 0.2\n"));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.failure.actual, "shrep");
}

TEST(Engine, FailsWithoutAnAnswer) {
  const auto result = run_one(one("pr",
                                  "    steps:\n"
                                  "      - send: shreq\n"
                                  "        set: {ipv6.hlim: 3}\n"
                                  "      - expect: shrep\n"));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.failure.reason(), HasSubstr("no answer"));
}

TEST(Engine, FailsForAnUnexpectedMessage) {
  const auto result = run_one(one("pr", "    steps:\n      - send: shreq\n      - expect: hack\n"));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.failure.expected, "hack");
  EXPECT_EQ(result.failure.actual, "shrep");
}

TEST(Engine, IsSetupFailIfTheControlFails) {
  const auto result = run_one(one("pr",
                                  "    steps:\n"
                                  "      - send: shreq\n"
                                  "      - expect: shrep\n"
                                  "        fields: {secct.status: 100}\n"
                                  "    mutate:\n"
                                  "      send: shreq\n"
                                  "      set: {secct.auth.token: 1}\n"
                                  "      then: [{expect: shrep}]\n"));
  EXPECT_EQ(result.verdict, Verdict::setup_fail);
  EXPECT_THAT(result.failure.text, HasSubstr("without the mutation"));
}

// A case with one clause against a router with a fault or variation.
CaseResult run_against(BehaviourOverride behaviour, const std::string& clause,
                       const std::string& rest) {
  auto cases = one("pr", rest);
  cases.front().clauses = {clause};
  EngineOptions options;
  options.behaviour = behaviour;
  return run_embedded(cases, built_in_description(), options).at(0);
}

TEST(Engine, IsNonStrictIfTheControlViolatesAShould) {
  const auto result = run_against(Fault::hi_once, "FMIP-4.3-3",
                                  "    steps:\n"
                                  "      - send: p-shin\n"
                                  "      - expect: hi\n"
                                  "      - expect-repeat: hi\n"
                                  "    mutate:\n"
                                  "      send: p-shin\n"
                                  "      drop-layer: ah\n"
                                  "      then: [{expect-nothing: 0.2}]\n");
  EXPECT_EQ(result.verdict, Verdict::non_strict);
  EXPECT_THAT(result.failure.text, HasSubstr("without the mutation"));
}

TEST(Engine, AcceptsContextsInSeveralMessages) {
  const std::string steps =
      "    steps:\n"
      "      - send: shreq\n"
      "      - expect: shrep\n"
      "        fields: {secct.sa.spi: $spis, secct.status: 200}\n"
      "        contexts: all\n"
      "      - send: shreq\n"
      "        set: {secct.auth.token: 1}\n"
      "      - expect: shrep\n"
      "        fields: {secct.status: 105}\n";
  for (const auto variation :
       {Variation::one_context_each, Variation::no_stat_200, Variation::one_rep_each}) {
    EXPECT_EQ(run_against(variation, "RELOC-5.2-2", steps).verdict, Verdict::pass);
  }
  const auto lost = run_against(Fault::r1_first_only, "RELOC-5.2-2", steps);
  EXPECT_EQ(lost.verdict, Verdict::fail);
  EXPECT_EQ(lost.failure.field, "secct.sa.spi");
}

// The Identifiers of the SHREQs that the tester sent, under AH.
std::vector<std::uint64_t> sent_identifiers(const CaseResult& result) {
  constexpr std::size_t identifier_at = 40 + 24 + 4;
  std::vector<std::uint64_t> identifiers;
  for (const auto& packet : result.packets) {
    if (packet.from_router) continue;
    identifiers.push_back(big_endian(View(packet.datagram).subspan(identifier_at, 2)));
  }
  return identifiers;
}

TEST(Engine, GivesEachNewExchangeAnIdentifierAndARepetitionTheOldOne) {
  const std::string other = "      - send: shreq\n        set: {secct.auth.replay: 2}\n";
  const std::string answer = "      - expect: shrep\n        fields: {secct.status: 200}\n";
  const auto result = run_one(one("pr", "    steps:\n      - send: shreq\n" + answer + other +
                                            answer + "      - send: shreq\n" + answer));
  EXPECT_EQ(result.verdict, Verdict::pass) << result.failure.reason();
  const auto identifiers = sent_identifiers(result);
  ASSERT_EQ(identifiers.size(), 3U);
  EXPECT_NE(identifiers[0], identifiers[1]);
  EXPECT_EQ(identifiers[0], identifiers[2]);
}

TEST(Engine, AContinuationHasTheIdentifierOfTheMessageBefore) {
  const auto result = run_one(one("pr",
                                  "    steps:\n"
                                  "      - send: shreq\n"
                                  "      - send: shreq\n"
                                  "        continues: true\n"
                                  "        set: {secct.auth.replay: 2}\n"));
  const auto identifiers = sent_identifiers(result);
  ASSERT_EQ(identifiers.size(), 2U);
  EXPECT_EQ(identifiers[0], identifiers[1]);
}

TEST(Engine, AcceptsOneOfTwoAlternatives) {
  const std::string expectations =
      "      - expect: hack\n      - expect: shrep\n        alternative: true\n";
  const auto send = [&](const std::string& edits) {
    return run_one(one("pr", "    steps:\n      - send: shreq\n" + edits + expectations));
  };
  EXPECT_EQ(send("").verdict, Verdict::pass);
  const auto neither = send("        set: {ipv6.hlim: 3}\n");
  EXPECT_EQ(neither.verdict, Verdict::fail);
  EXPECT_EQ(neither.failure.expected, "hack");
}

TEST(Engine, GivesAMessageHalfASecondWhateverTheTimingScale) {
  auto description = built_in_description();
  description.timing_scale = 0.01;
  const auto cases = one("pr",
                         "    steps:\n"
                         "      - send: shreq\n"
                         "        set: {ipv6.hlim: 3}\n"
                         "      - expect: shrep\n");
  const auto result = run_embedded(cases, description, {}).at(0);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_GE(result.duration, milliseconds(500));
}

// A case that expects the status only need not mention the further SHAKs of wire-format D24.
TEST(Engine, PermitsFurtherShaksWithoutAStep) {
  auto cases = built_in_cases();
  std::erase_if(cases, [](const Case& c) { return c.id != "RELOC-5.3-3/further-shak"; });
  ASSERT_EQ(cases.size(), 1U);
  auto& steps = cases.front().steps;
  steps.back().fields = {{"secct.status", {"200"}}};
  CaseStep wait;
  wait.kind = CaseStep::Kind::wait;
  wait.seconds = 0.2;
  steps.push_back(wait);
  const auto result = run_one(cases);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.failure.reason();
  const auto sent = std::ranges::count_if(result.packets, &TracedPacket::from_router);
  EXPECT_EQ(sent, 4);  // SHREQ, SHREP-Ack and two SHAKs
}

TEST(Engine, NamesTheClauseOfARequestThatIsRetransmittedDuringSilence) {
  const std::string steps =
      "    steps:\n      - send: p-shin\n      - expect: hi\n      - expect-nothing: 0.5\n";
  const auto result = run_against(Fault::none, "RELOC-4-1", steps);
  EXPECT_EQ(result.verdict, Verdict::non_strict);
  EXPECT_EQ(result.failure.clause, "FMIP-4.3-3");
  EXPECT_EQ(run_against(Fault::hi_once, "RELOC-4-1", steps).verdict, Verdict::pass);
}

TEST(Engine, IsUnsupportedWithoutTheCapabilityAndReportsTheProbe) {
  auto description = built_in_description();
  description.capabilities = {"reactive"};
  const auto cases =
      one("pr", "    needs: [esp]\n    steps:\n      - send: shreq\n      - expect: shrep\n");
  const auto result = run_embedded(cases, description, {}).at(0);
  EXPECT_EQ(result.verdict, Verdict::unsupported);
  EXPECT_THAT(result.failure.text, HasSubstr("needs the capability esp"));
  EXPECT_THAT(result.failure.text, HasSubstr("a probe case passes"));
}

TEST(Engine, IsToolErrorForAMistakeInTheCase) {
  const auto unknown_variable = run_one(one("pr",
                                            "    steps:\n"
                                            "      - send: shreq\n"
                                            "        set: {secct.naddr: $nadr}\n"));
  EXPECT_EQ(unknown_variable.verdict, Verdict::tool_error);
  EXPECT_THAT(unknown_variable.failure.text, HasSubstr("$nadr"));
  const auto late = run_one(one("pr",
                                "    steps:\n"
                                "      - send: shreq\n"
                                "      - expect: shrep\n"
                                "      - send: shreq\n"
                                "        set: {secct.naddr: $nadr}\n"));
  EXPECT_EQ(late.verdict, Verdict::tool_error);
}

TEST(Engine, EmbeddedRoutersHaveAsManyMobileNodesAsTheCasesNeed) {
  auto description = built_in_description();
  description.mobile_node_count = 1;
  auto cases = one("pr", "    steps:\n      - send: shreq\n      - expect: shrep\n");
  cases.push_back(cases[0]);
  for (const auto& result : run_embedded(cases, description, {})) {
    EXPECT_EQ(result.verdict, Verdict::pass);
  }
}

// --- routers on a network

std::vector<const Case*> pointers(const std::vector<Case>& cases) {
  std::vector<const Case*> list;
  for (const auto& c : cases) list.push_back(&c);
  return list;
}

constexpr Role pr_role[] = {Role::pr};
constexpr const char* exchange =
    "    steps:\n      - send: shreq\n      - expect: shrep\n"
    "        fields: {secct.status: 200}\n";

// A router that is not in its initial state, on a network that loses packets.
class NetworkLink : public MemoryLink {
 public:
  using MemoryLink::MemoryLink;
  bool is_network() const override { return true; }
  bool is_fresh() const override { return false; }
  void send(Octets datagram) override {
    sent_at.push_back(now());
    if (!loses || !loses(sent_at.size())) MemoryLink::send(std::move(datagram));
  }

  std::function<bool(std::size_t number)> loses;  // whether packet number `number` (from 1) is lost
  std::vector<Time> sent_at;
};

TEST(Engine, NamesTheNumberOfMobileNodesThatTheCasesNeed) {
  auto description = built_in_description();
  description.mobile_node_count = 1;
  auto cases = one("pr", exchange);
  cases.push_back(cases[0]);
  MemoryLink link(description, pr_role);
  try {
    run_cases(pointers(cases), description, link, {});
    ADD_FAILURE() << "no error";
  } catch (const SetupError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the selected cases need 2 mobile nodes"));
    EXPECT_THAT(error.what(), HasSubstr("the router description has 1:"));
  }
}

TEST(Engine, SecondRunUsesOtherMobileNodes) {
  const auto router = built_in_description();
  NetworkLink link(router, pr_role);
  const auto cases = one("pr", exchange);
  auto description = router;
  const auto run = [&](const EngineOptions& options) {
    link.receive(link.now() + seconds(20));
    for (auto& sa : description.router_sas) sa.sequence = sa.sequence.value_or(0) + 100;
    return run_cases(pointers(cases), description, link, options).at(0);
  };
  for (int i = 0; i < 3; ++i) {
    const auto result = run({});
    EXPECT_EQ(result.verdict, Verdict::pass) << result.failure.reason();
  }
  EngineOptions chosen;
  chosen.first_mobile_node = 5;
  EXPECT_EQ(run(chosen).verdict, Verdict::pass);
  EXPECT_EQ(run(chosen).verdict, Verdict::fail);
}

TEST(Engine, ChecksTheSetupBeforeTheFirstCase) {
  const auto router = built_in_description();
  auto tester = router;
  tester.token_key[0] ^= 1;
  const auto cases = one("pr", exchange);
  NetworkLink link(router, pr_role);
  EngineOptions options;
  options.check_setup = true;
  std::vector<std::string> notes;
  options.note = [&](const std::string& sentence) { notes.push_back(sentence); };
  EXPECT_THROW(run_cases(pointers(cases), tester, link, options), SetupError);
  EXPECT_EQ(run_cases(pointers(cases), router, link, options).at(0).verdict, Verdict::pass);
  ASSERT_FALSE(notes.empty());
  EXPECT_THAT(notes.back(),
              HasSubstr("any number of cases in flight, any rate; longest round trip"));
}

TEST(Engine, RepeatsACaseWithoutAnswerOnANetwork) {
  const auto description = built_in_description();
  const auto cases = one("pr", exchange);
  // The echo request is packet 1.
  const auto run = [&](std::function<bool(std::size_t)> loses) {
    NetworkLink link(description, pr_role);
    link.loses = std::move(loses);
    return run_cases(pointers(cases), description, link, {}).at(0);
  };
  const auto once = run([](std::size_t number) { return number == 2; });
  EXPECT_EQ(once.verdict, Verdict::pass);
  EXPECT_TRUE(once.flaky);
  EXPECT_THAT(once.failure.reason(), HasSubstr("no answer"));
  const auto always = run([](std::size_t number) { return number > 1 && number % 2 == 0; });
  EXPECT_EQ(always.verdict, Verdict::fail);
  EXPECT_FALSE(always.flaky);
}

TEST(Engine, DoesNotRepeatWhatWasAnswered) {
  const auto cases = one("pr",
                         "    steps:\n      - send: shreq\n      - expect: shrep\n"
                         "        fields: {secct.status: 104}\n");
  const auto description = built_in_description();
  NetworkLink link(description, pr_role);
  EXPECT_EQ(run_cases(pointers(cases), description, link, {}).at(0).verdict, Verdict::fail);
  EXPECT_EQ(link.sent_at.size(), 2U);
}

TEST(Engine, SendsAtTheRate) {
  const auto description = built_in_description();
  NetworkLink link(description, pr_role);
  const std::vector<Case> cases(200, one("pr", exchange).at(0));
  EngineOptions options;
  options.rate = 100;
  for (const auto& result : run_cases(pointers(cases), description, link, options)) {
    EXPECT_EQ(result.verdict, Verdict::pass) << result.failure.reason();
  }
  ASSERT_GE(link.sent_at.size(), 200U);
  for (std::size_t i = 100; i < link.sent_at.size(); ++i) {
    EXPECT_GE(link.sent_at[i] - link.sent_at[i - 100], milliseconds(800)) << i;
  }
}

TEST(Engine, GivesEachCaseOneResultIfTheRouterStops) {
  const auto description = built_in_description();
  const std::vector<Case> cases(6, one("pr", exchange).at(0));
  NetworkLink link(description, pr_role);
  link.loses = [](std::size_t number) { return number > 4; };  // an echo request and three cases
  std::size_t last = 0;
  EngineOptions options;
  options.jobs = 2;
  options.progress = [&](std::size_t done, std::size_t all) {
    EXPECT_LE(done, all);
    last = done;
  };
  const auto results = run_cases(pointers(cases), description, link, options);
  EXPECT_EQ(last, cases.size());
  EXPECT_EQ(std::ranges::count(results, Verdict::pass, &CaseResult::verdict), 3);
  EXPECT_EQ(std::ranges::count(results, Verdict::fail, &CaseResult::verdict), 1);
  EXPECT_EQ(std::ranges::count(results, Verdict::inconclusive, &CaseResult::verdict), 2);
}

}  // namespace
}  // namespace secct::replay
