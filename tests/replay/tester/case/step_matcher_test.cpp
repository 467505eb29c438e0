// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/step_matcher.hpp"

#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

// The router under test is the previous router, and answers with a SHREP.
class StepMatcherTest : public TesterFixture {
 protected:
  StepMatcherTest() : TesterFixture(Role::pr) {}

  MatchResult match_step(const std::string& step, const PacketDocument& packet) const {
    const auto cases = read_suite(
        "cases: [{id: A, title: t, role: pr, clauses: [RELOC-5.2-2], steps: [" + step + "]}]",
        "t.yaml");
    return match(cases[0].steps.at(0), 0, {}, *received(packet), variables());
  }
  std::string reason(const std::string& step, const PacketDocument& packet) const {
    const auto result = match_step(step, packet);
    return result.failure ? result.failure->reason() : "matches";
  }
};

TEST_F(StepMatcherTest, AcceptsTheExpectedMessage) {
  EXPECT_EQ(reason("{expect: shrep, fields: {secct.sa.spi: $spis, secct.naddr: $naddr}, contexts: "
                   "all, absent: secct.opt.address, check: iv, under: ah}",
                   handover_.shrep()),
            "matches");
}

TEST_F(StepMatcherTest, NamesFieldExpectedAndActualValue) {
  EXPECT_EQ(reason("{expect: shrep, fields: {secct.identifier: 7}}", handover_.shrep()),
            "secct.identifier: wrong value: expected 7, found 1 (0x1)");
  EXPECT_EQ(reason("{expect: shrep, fields: {secct.naddr: \"2001:db8::9\"}}", handover_.shrep()),
            "secct.naddr: wrong value: expected 2001:db8::9, found 2001:db8:20::1:1");
}

TEST_F(StepMatcherTest, CountsTheFieldsOfAName) {
  EXPECT_EQ(reason("{expect: shrep, fields: {secct.sa.spi: [$spi1, $spi2]}}", handover_.shrep()),
            "secct.sa.spi: wrong number of fields: expected 2, found 4");
  EXPECT_EQ(reason("{expect: shrep, fields: {secct.opt.address: \"::\"}}", handover_.shrep()),
            "secct.opt.address: wrong number of fields: expected 1, found 0");
}

TEST_F(StepMatcherTest, AcceptsOneOfSeveralValues) {
  const std::string step = "{expect: shrep, one-of: {secct.identifier: [1, 2]}}";
  EXPECT_EQ(reason(step, handover_.shrep()), "matches");
  EXPECT_EQ(reason(step, edited(handover_.shrep(), {{"secct.identifier", "3"}})),
            "secct.identifier: wrong value: expected one of 1, 2, found 3 (0x3)");
  EXPECT_EQ(reason("{expect: shrep, one-of: {secct.opt.address: [\"::\"]}}", handover_.shrep()),
            "secct.opt.address: field is missing: expected one of ::, found none");
}

TEST_F(StepMatcherTest, RejectsFieldsThatMustBeAbsent) {
  EXPECT_EQ(reason("{expect: shrep, absent: secct.identifier}", handover_.shrep()),
            "secct.identifier: field must be absent: expected none, found 1 (0x1)");
}

TEST_F(StepMatcherTest, IsLenientOnlyIfBothStatusesAreErrors) {
  const std::string step = "{expect: shrep, fields: {secct.status: 105}}";
  const auto with_status = [&](const char* status) {
    return edited(handover_.shrep_status(), {{"secct.status", status}});
  };
  EXPECT_FALSE(match_step(step, with_status("105")).failure);
  const auto other_error = match_step(step, with_status("104"));
  EXPECT_TRUE(other_error.failure);
  EXPECT_TRUE(other_error.lenient);
  const auto success = match_step(step, with_status("200"));
  EXPECT_TRUE(success.failure);
  EXPECT_FALSE(success.lenient);
  const auto error = match_step("{expect: shrep, fields: {secct.status: 200}}", with_status("104"));
  EXPECT_TRUE(error.failure);
  EXPECT_FALSE(error.lenient);
}

TEST_F(StepMatcherTest, AcceptsAShrepWithContextsButWithoutStatus200) {
  auto shrep = handover_.shrep();
  const std::string step = "{expect: shrep, fields: {secct.status: 200}}";
  remove_field(shrep, "sub_options#3");  // after the contexts under AH and under ESP
  EXPECT_EQ(reason(step, shrep), "matches");
  EXPECT_EQ(reason("{expect: shrep, fields: {secct.status: 105}}", shrep),
            "secct.status: wrong number of fields: expected 1, found 0");
  auto without_contexts = handover_.shrep_status();
  remove_field(without_contexts, "sub_options#1");
  EXPECT_EQ(reason(step, without_contexts),
            "secct.status: wrong number of fields: expected 1, found 0");
}

TEST_F(StepMatcherTest, RequiresTheProtectionOfTheMessage) {
  auto shrep = handover_.shrep();
  EXPECT_EQ(reason("{expect: shrep}", shrep), "matches");
  EXPECT_EQ(reason("{expect: shrep, under: esp}", shrep),
            "wrong protection: expected ESP, found AH SPI 0x00001002");
  drop_layer(shrep, "ah");
  EXPECT_EQ(reason("{expect: shrep}", shrep),
            "wrong protection: expected AH or ESP between the routers, found no IPsec");
  EXPECT_EQ(match_step("{expect: shrep}", shrep).failure->clause, "RELOC-4-8");
}

TEST_F(StepMatcherTest, RequiresEspForKeysIfTheDescriptionRequiresConfidentiality) {
  const auto shrep = handover_.shrep();
  description_.policies.confidential = true;
  EXPECT_EQ(
      reason("{expect: shrep}", shrep),
      "secct.sa.key: keys are sent unencrypted although confidentiality is required: expected "
      "ESP, found AH SPI 0x00001002");
  EXPECT_EQ(reason("{expect: shrep}", handover_.shrep()), "matches");
}

TEST_F(StepMatcherTest, MatchesContextsInSeveralMessages) {
  const auto& sas = mobile_node_.transferable();
  const auto first = received(handover_.shrep({sas[0], sas[1]}));
  const auto last = received(handover_.shrep({sas[2], sas[3]}));
  const auto cases = read_suite(
      "cases: [{id: A, title: t, role: pr, clauses: [RELOC-5.2-2], steps: [{expect: shrep, fields: "
      "{secct.sa.spi: $spis}, contexts: all}]}]",
      "t.yaml");
  const auto& step = cases[0].steps.at(0);
  const DecodedMessage* earlier[] = {&first->decoded};
  EXPECT_FALSE(match(step, 0, earlier, *last, variables()).failure);
  EXPECT_TRUE(match(step, 0, {}, *last, variables()).failure);
}

TEST_F(StepMatcherTest, RecordsEveryComparisonUpToTheFirstDifference) {
  const auto result = match_step(
      "{expect: shrep, fields: {secct.naddr: $naddr, secct.identifier: 7, secct.paddr: $paddr}}",
      handover_.shrep());
  ASSERT_EQ(result.compared.size(), 3U);  // under, secct.naddr, secct.identifier
  EXPECT_EQ(result.compared[0].what, "under");
  EXPECT_TRUE(result.compared[1].good);
  EXPECT_EQ(result.compared[2].what, "secct.identifier");
  EXPECT_EQ(result.compared[2].expected, "7");
  EXPECT_FALSE(result.compared[2].good);
}

class NewRouterMatcher : public TesterFixture {
 protected:
  std::string reason(const std::string& step, const PacketDocument& packet) const {
    const auto cases = read_suite(
        "cases: [{id: A, title: t, role: nr, clauses: [RELOC-4-10], steps: [" + step + "]}]",
        "t.yaml");
    const auto result = match(cases[0].steps.at(0), 0, {}, *received(packet), variables());
    return result.failure ? result.failure->reason() : "matches";
  }
};

TEST_F(NewRouterMatcher, RequiresATransferredSaForASuccessfulShakOnly) {
  record_sent("shrep", handover_.shrep());
  EXPECT_EQ(reason("{expect: shak}", handover_.shak()), "matches");
  EXPECT_EQ(reason("{expect: shak}", handover_.shak(status::ok, false)),
            "wrong protection: expected a transferred SA, found no IPsec");
  EXPECT_EQ(reason("{expect: shak}", handover_.shak(status::unusable, false)), "matches");
}

// behaviour.md 2.9, 2.10
TEST_F(NewRouterMatcher, IgnoresAnAckThatReportsOnlyGatewayOrPathMtu) {
  record_sent("shrep", handover_.shrep());
  const std::string step = "{expect: shak, absent: secct.ack.spi}";
  EXPECT_EQ(reason(step, handover_.shak(status::ok, true, {{1, trait::changed_pmtu, 1280}})),
            "matches");
  EXPECT_NE(reason(step, handover_.shak(status::ok, true, {{1, trait::changed_spi, {}}})),
            "matches");
}

}  // namespace
}  // namespace secct::replay
