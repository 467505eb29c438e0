// SPDX-License-Identifier: GPL-2.0-or-later
// The malformed catalogue: every entry has exactly the fault that it names.
#include "generator/malformed/catalogue.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/malformed/read_catalogue.hpp"
#include "generator/malformed/verify_single_fault.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using Kind = Reaction::Kind;

// The result of verify_single_fault() for an entry in this handover.
std::string difference(const Malformed& entry, Handover& handover) {
  auto keys = handover.keyring();
  const auto& points = handover.description().codepoints;
  const auto values = handover_variables(handover);
  auto twin = *handover.by_name(entry.message);
  try {
    make_twin(entry, points, values, keys, twin);
    const auto packets = malform(entry, points, values, twin, keys);
    return verify_single_fault(entry, points, keys, twin, packets);
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(Catalogue, EveryEntryHasExactlyItsFault) {
  // A receiver that reads at a wrong offset may read keys, which differ for each mobile node.
  for (const std::uint32_t mobile_node : {1U, 64U, 1000U}) {
    Counters counters;
    Handover handover(description(), Role::nr, mobile_node, 7, counters);
    for (const auto& entry : malformed()) {
      EXPECT_EQ(difference(entry, handover), "") << entry.name << ", mobile node " << mobile_node;
    }
  }
}

TEST(Catalogue, NamesAreUnique) {
  std::set<std::string> names;
  for (const auto& entry : malformed()) EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
}

TEST(Catalogue, FindsEntriesAndTruncatedMessages) {
  EXPECT_EQ(find_malformed("shreq-hop-limit-254").message, "shreq");
  EXPECT_EQ(find_malformed("shreq-hop-limit-254").role, Role::pr);
  const auto& cut = find_malformed("cut-shreq-12");
  EXPECT_EQ(cut.message, "shreq");
  EXPECT_EQ(cut.edit->path, "cut");
  EXPECT_EQ(cut.edit->value, "12");
  EXPECT_EQ(cut.reaction, (Reaction{Kind::discard, 0}));
  EXPECT_EQ(error_of([] { find_malformed("shreq-hop-limit-255"); }),
            "unknown malformed packet 'shreq-hop-limit-255', see 'secct list malformed'; did you "
            "mean shreq-hop-limit-254?");
}

TEST(Catalogue, CommentNamesFaultReactionClausesAndReason) {
  EXPECT_EQ(comment(find_malformed("cut-shreq-12")),
            "malformed cut-shreq-12: with cut = 12; expected of the role pr: discard [ROBUST-9]: "
            "Message truncated to 12 octets");
}

// The packet goes from NR to PR under AH.
class Twins : public testing::Test {
 protected:
  std::string twin_error(const std::string& value) {
    Malformed entry;
    entry.twin = {{Edit::Kind::set, "ah.spi", value}};
    auto packet = handover_.shreq();
    auto error = error_of([&] {
      make_twin(entry, description().codepoints, handover_variables(handover_), router_keys(),
                packet);
    });
    spi_ = packet.find(LayerKind::ah)->number(HeaderField::ah_spi);
    return error;
  }

  Counters counters_;
  Handover handover_{description(), Role::nr, 1, 7, counters_};
  std::optional<std::uint64_t> spi_;
};

TEST_F(Twins, MayUseTheSpisBetweenTheEndsOfThePacket) {
  EXPECT_EQ(twin_error("$ah-back"), "nothing thrown");
  EXPECT_EQ(spi_, 0x1001U);
  EXPECT_EQ(twin_error("$esp-out"), "nothing thrown");
  EXPECT_EQ(spi_, 0x2002U);
  EXPECT_EQ(twin_error("$esp-back"), "nothing thrown");
  EXPECT_EQ(spi_, 0x2001U);
  EXPECT_EQ(twin_error("$spi1"), "nothing thrown");
  EXPECT_EQ(spi_, 0x10000040U);
}

TEST_F(Twins, RejectAnSpiWithoutSa) {
  auto packet = handover_.shreq();
  Malformed entry;
  entry.twin = {{Edit::Kind::set, "ah.spi", "$esp-out"}};
  EXPECT_EQ(error_of([&] {
              make_twin(entry, description().codepoints, handover_variables(handover_), Keyring(),
                        packet);
            }),
            "$esp-out: no ESP SA to 2001:db8:1::1 in the router description");
}

// Reads one entry of a catalogue file.
Malformed read_one(const std::string& entry, const std::string& twins = "") {
  return read_malformed(twins + "malformed:\n  - " + entry + "\n", "m.yaml").at(0);
}

TEST(ReadMalformed, ReactionFollowsFromTheRuleOrFromExpect) {
  const auto reaction = [](const std::string& rest) {
    return reaction_text(
        read_one("{name: n, set: {secct.opt.length: 0}, clauses: [C], why: w, " + rest + "}")
            .reaction);
  };
  EXPECT_EQ(reaction("of: shreq, rule: hop_limit"), "discard");
  EXPECT_EQ(reaction("of: shreq, rule: subopt_length_short"), "status 102");
  EXPECT_EQ(reaction("of: mip4-request, rule: subopt_length_short"), "code 70");
  EXPECT_EQ(reaction("of: shreq, rule: subopt_length_short, expect: discard"), "discard");
  EXPECT_EQ(reaction("of: shreq, expect: ignored"), "ignored");
  EXPECT_EQ(reaction("of: shreq, expect: any"), "any");
  EXPECT_EQ(reaction("of: shin, expect: 106"), "passed on, then status 106");
  EXPECT_EQ(reaction("of: shin, expect: status 106"), "status 106");
  EXPECT_EQ(reaction("of: p-shin, expect: 106"), "status 106 or nothing");
  EXPECT_EQ(reaction("of: hi, expect: code 128"), "code 128");
  EXPECT_EQ(reaction("of: shrep-ack, expect: 106"), "discard");
}

TEST(ReadMalformed, TwinsMayBuildOnEarlierTwins) {
  const auto entry = read_one(
      "{of: b, name: n, set: {ipv6.hlim: 3}, expect: any, clauses: [C], why: w}",
      "twins:\n  a: {of: shreq, set: {ipv6.hlim: 1}}\n  b: {of: a, set: {ipv6.hlim: 2}}\n");
  EXPECT_EQ(entry.name, "b-n");
  EXPECT_EQ(entry.message, "shreq");
  ASSERT_EQ(entry.twin.size(), 2U);
  EXPECT_EQ(entry.twin[1].value, "2");
  EXPECT_EQ(entry.edit->value, "3");
}

TEST(ReadMalformed, RejectsMistakesWithFileLineAndPath) {
  const auto error = [](const std::string& entry) { return error_of([&] { read_one(entry); }); };
  const std::string rest = "name: n, clauses: [C], why: w";
  EXPECT_EQ(error("{of: shreqq, set: {ipv6.hlim: 1}, expect: any, " + rest + "}"),
            "m.yaml:2: malformed[0].of: unknown message or twin 'shreqq'");
  EXPECT_EQ(error("{of: shreq, set: {ipv6.hlim: 1}, " + rest + "}"),
            "m.yaml:2: malformed[0]: 'expect' is missing: behaviour.md specifies no reaction for "
            "this rule");
  EXPECT_EQ(
      error("{of: shreq, set: {ipv6.hlim: 1}, expect: anything, " + rest + "}"),
      "m.yaml:2: malformed[0].expect: expected discard, ignored, any, a status, 'status N' or "
      "'code N', found 'anything'");
  EXPECT_EQ(error("{of: shreq, set: {ipv6.hlim: 1}, rule: hop_limits, " + rest + "}"),
            "m.yaml:2: malformed[0].rule: unknown rule 'hop_limits'; did you mean hop_limit?");
  EXPECT_THAT(error("{of: shreq, set: {ipv6.hlim: 1}, twice: true, expect: any, " + rest + "}"),
              testing::AllOf(testing::StartsWith("m.yaml:2: malformed[0]: expected one fault ("),
                             testing::EndsWith(", twice or fragments), found 2")));
  EXPECT_EQ(error("{of: shreq, set: {ipv6.hlim: 1}, expect: any, name: n, clauses: [C]}"),
            "m.yaml:2: malformed[0]: 'why' is missing");
}

// verify_single_fault() for a SHREQ whose fault is `edit`, in a packet that differs by `made`.
std::string verified(const Edit& edit, std::optional<Rule> rule, const Edit& made) {
  Counters counters;
  Handover handover(description(), Role::nr, 1, 7, counters);
  Malformed entry;
  entry.edit = edit;
  entry.rule = rule;
  const auto twin = handover.shreq();
  auto packet = twin;
  apply(made, description().codepoints, packet, handover_variables(handover));
  return verify_single_fault(entry, description().codepoints, handover.keyring(), twin,
                             std::vector{packet});
}

TEST(VerifySingleFault, ReportsEveryOtherDifference) {
  const Edit hop_limit{Edit::Kind::set, "ipv6.hlim", "254"};
  EXPECT_EQ(verified(hop_limit, Rule::hop_limit, hop_limit), "");
  EXPECT_EQ(verified(hop_limit, Rule::checksum_bad, hop_limit),
            "the decoder reports hop_limit, expected checksum_bad");
  EXPECT_EQ(verified(hop_limit, {}, hop_limit), "the decoder reports hop_limit, expected nothing");
  EXPECT_EQ(verified(hop_limit, Rule::hop_limit, {Edit::Kind::set, "ipv6.hlim", "255"}),
            "has the same octets as its twin");
  EXPECT_THAT(verified(hop_limit, Rule::hop_limit, {Edit::Kind::set, "secct.identifier", "8"}),
              testing::AllOf(testing::StartsWith("differs from its twin in "),
                             testing::HasSubstr("secct.identifier"),
                             testing::EndsWith(", which is not its fault")));
}

}  // namespace
}  // namespace secct::generator::test
