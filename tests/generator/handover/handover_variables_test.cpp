// SPDX-License-Identifier: GPL-2.0-or-later
// The variables of a handover in scenarios, the malformed catalogue and cases.
#include "generator/handover/handover_variables.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/descriptions.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using testing::ElementsAre;

// Mobile node 1 of the built-in description: SAs 1 to 4 are transferable, SA 5 is not.
class HandoverVariables : public testing::Test {
 protected:
  std::vector<std::string> values(const std::string& text) const { return variables_(text); }
  std::string error(const std::string& text) const {
    return error_of([&] { variables_(text); });
  }

  Counters counters_;
  Handover handover_{description(), Role::nr, 1, 7, counters_};
  Variables variables_ = handover_variables(handover_);
};

TEST_F(HandoverVariables, OtherTextsAreTheirOwnValue) {
  EXPECT_THAT(values("paddr"), ElementsAre("paddr"));
  EXPECT_THAT(values("105"), ElementsAre("105"));
  EXPECT_THAT(values(""), ElementsAre(""));
}

TEST_F(HandoverVariables, AddressesAreThoseOfTheHandover) {
  EXPECT_THAT(values("$paddr"), ElementsAre("2001:db8:10::1:1"));
  EXPECT_THAT(values("$naddr"), ElementsAre("2001:db8:20::1:1"));
  EXPECT_THAT(values("$link-local"), ElementsAre("fe80::1:1"));
  EXPECT_THAT(values("$nr"), ElementsAre("2001:db8:2::1"));
  EXPECT_THAT(values("$pr"), ElementsAre("2001:db8:1::1"));
  EXPECT_THAT(values("$nr-for-mn"), ElementsAre("2001:db8:2::1"));
  EXPECT_THAT(values("$nr-v4"), ElementsAre("192.0.2.1"));
  EXPECT_THAT(values("$pr-v4"), ElementsAre("192.0.2.2"));
  EXPECT_THAT(values("$pr-v4-mapped"), ElementsAre("::ffff:192.0.2.2"));
  EXPECT_THAT(values("$coa"), ElementsAre("::ffff:192.0.2.1"));
  EXPECT_THAT(values("$old-coa"), ElementsAre("::ffff:10.1.0.1"));
  EXPECT_THAT(values("$ncoa-in-use"), ElementsAre("2001:db8:20::dead"));
}

TEST_F(HandoverVariables, StrangersAreNotMobileNodes) {
  for (const auto* name : {"$stranger", "$unknown-paddr"}) {
    const auto found = values(name);
    ASSERT_EQ(found.size(), 1U) << name;
    EXPECT_EQ(description().number_of(address(found[0])), std::nullopt) << name;
  }
  EXPECT_THAT(values("$unknown-paddr"), ElementsAre("2001:db8:10::ff01:1"));
  EXPECT_THAT(values("$other-naddr"), ElementsAre("2001:db8:20::8001:1"));
  EXPECT_THAT(values("$other-paddr"),
              ElementsAre(to_text(description().paddr_of(description().mobile_node_count))));
}

TEST_F(HandoverVariables, OtherIdentifierDiffers) {
  EXPECT_THAT(values("$other-identifier"), ElementsAre("65528"));  // ~7
}

TEST_F(HandoverVariables, NumbersOfTransferableSasCountFromOne) {
  EXPECT_THAT(values("$spis"), ElementsAre("0x10000040", "0x20000041", "0x30000042", "0x40000043"));
  EXPECT_THAT(values("$spi1"), ElementsAre("0x10000040"));
  EXPECT_THAT(values("$spi4"), ElementsAre("0x40000043"));
  EXPECT_THAT(values("$spi"), values("$spi1"));
  EXPECT_THAT(values("$protocol1"), ElementsAre("0"));  // AH
  EXPECT_THAT(values("$protocol3"), ElementsAre("1"));  // ESP
  EXPECT_THAT(values("$spt3"), ElementsAre("9"));
  EXPECT_THAT(values("$source1"), ElementsAre("2001:db8:1::1"));
  EXPECT_THAT(values("$destination1"), ElementsAre("2001:db8:10::1:1"));
  EXPECT_THAT(values("$source-mapped2"), ElementsAre("2001:db8:10::1:1"));
  EXPECT_THAT(values("$destination-mapped2"), ElementsAre("2001:db8:1::1"));
}

TEST_F(HandoverVariables, OtherSasHaveTheirOwnNumbers) {
  EXPECT_THAT(values("$kept-spi1"), ElementsAre("0x50000044"));
  EXPECT_THAT(values("$kept-spi"), ElementsAre("0x50000044"));
  EXPECT_THAT(values("$kept-protocol1"), ElementsAre("1"));
  EXPECT_THAT(values("$kept-spt1"), ElementsAre("10"));
  EXPECT_EQ(error("$kept-spi2"), "variable '$kept-spi2': expected a number from 1 to 1");
}

TEST_F(HandoverVariables, StatusesHaveOneValuePerTransferableSa) {
  EXPECT_THAT(values("$statuses:2=102"), ElementsAre("200", "102", "200", "200"));
  EXPECT_EQ(error("$statuses:0=102"), "variable '$statuses:0=102': expected a number from 1 to 4");
  EXPECT_EQ(error("$statuses:5=102"), "variable '$statuses:5=102': expected a number from 1 to 4");
}

TEST_F(HandoverVariables, Ipv4AddressesAreDottedUnlessMapped) {
  const auto router = description_from(description_yaml(
      "    - {type: 4, direction: out, spt: ESP-TUNNEL-AES-CBC-V4-V4-ASD, spi_base: 0x10000000, "
      "remote: 198.51.100.9}\n"));
  const Handover handover(router, Role::nr, 1, 7, counters_);
  const auto variables = handover_variables(handover);
  EXPECT_THAT(variables("$destination1"), ElementsAre("198.51.100.9"));
  EXPECT_THAT(variables("$destination-mapped1"), ElementsAre("::ffff:198.51.100.9"));
}

TEST_F(HandoverVariables, PrivateIdsAreThoseOfTheSa) {
  auto node = description().mobile_node(1, Role::nr);
  node.sas[1].context.source_private_id = 7;
  node.sas[1].context.destination_private_id = 8;
  const Handover handover(description(), Role::nr, node, 7, counters_, counters_);
  const auto variables = handover_variables(handover);
  EXPECT_THAT(variables("$source-id2"), ElementsAre("7"));
  EXPECT_THAT(variables("$destination-id2"), ElementsAre("8"));
}

TEST_F(HandoverVariables, NumbersAreThoseOfTheNumberedSas) {
  handover_.number_sas({4, 2, 0});
  EXPECT_THAT(values("$spi1"), ElementsAre("0x30000042"));
  EXPECT_THAT(values("$spi2"), ElementsAre("0x10000040"));
  EXPECT_THAT(values("$kept-spi1"), ElementsAre("0x50000044"));
  EXPECT_EQ(error("$spi3"), "variable '$spi3': expected a number from 1 to 2");
  EXPECT_EQ(values("$spis").size(), 4U);
}

TEST_F(HandoverVariables, OtherPortsAndIdsAreNotThoseOfTheSa) {
  auto node = description().mobile_node(1, Role::nr);
  node.sas[0].context.source_port = 9;
  node.sas[0].context.destination_port = 10;
  node.sas[0].context.source_private_id = 1;
  const Handover handover(description(), Role::nr, node, 7, counters_, counters_);
  const auto variables = handover_variables(handover);
  EXPECT_THAT(variables("$source-port1"), ElementsAre("9"));
  EXPECT_THAT(variables("$destination-port1"), ElementsAre("10"));
  EXPECT_THAT(variables("$other-port1"), ElementsAre("11"));
  EXPECT_THAT(variables("$other-id1"), ElementsAre("2"));
}

TEST_F(HandoverVariables, DependOnTheDescription) {
  const auto router = description_from(description_yaml(tunnels));
  const Handover handover(router, Role::pr, 1, 7, counters_);
  const auto variables = handover_variables(handover);
  EXPECT_THAT(variables("$nr"), ElementsAre("2001:db8:1::1"));
  for (const auto* name : {"$ncoa-in-use", "$spi-in-use", "$kept-spi1", "$source-id1"}) {
    EXPECT_EQ(error_of([&] { variables(name); }),
              fmt::format("variable '{}' has no value in this handover", name));
  }
}

TEST_F(HandoverVariables, RejectUnknownNamesAndNumbers) {
  EXPECT_EQ(error("$spi0"), "variable '$spi0': expected a number from 1 to 4");
  EXPECT_EQ(error("$spi5"), "variable '$spi5': expected a number from 1 to 4");
  EXPECT_EQ(error("$source99999999999999999999"),
            "variable '$source99999999999999999999': expected a number from 1 to 4");
  EXPECT_EQ(error("$pady"), "unknown variable '$pady'; did you mean $paddr?");
  for (const auto* text : {"$", "$paddr1", "$spi1x", "$statuses", "$paddr:1", "$nothing-like-it"}) {
    EXPECT_THAT(error(text), testing::StartsWith(fmt::format("unknown variable '{}'", text)));
  }
}

TEST_F(HandoverVariables, CanBeAddedTo) {
  std::vector<std::string> texts;
  variables_.add("$last", [&] { return std::vector{texts.back()}; });
  variables_.add_numbered("$text", [&] { return texts; });
  EXPECT_EQ(error("$text1"), "variable '$text1' has no value in this handover");
  texts = {"a", "b"};
  EXPECT_THAT(values("$last"), ElementsAre("b"));
  EXPECT_THAT(values("$text1"), ElementsAre("a"));
  EXPECT_EQ(error("$text3"), "variable '$text3': expected a number from 1 to 2");
  EXPECT_EQ(error("$lasst"), "unknown variable '$lasst'; did you mean $last?");
}

}  // namespace
}  // namespace secct::generator::test
