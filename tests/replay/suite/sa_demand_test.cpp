// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/sa_demand.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/suite/suite.hpp"
#include "tests/generator/support.hpp"

namespace secct::replay {
namespace {

using testing::ElementsAre;
using testing::Optional;

const YamlPlace sa_place{"t.yaml", "sas[0]"};

SaDemand demand(const std::string& yaml) {
  return read_sa_demand(YAML::Load(yaml), sa_place, 0x01000000);
}

SaPattern pattern(const std::string& yaml) {
  return read_sa_pattern(YAML::Load(yaml), sa_place, 0x20000000);
}

std::string demand_error(const std::string& yaml) {
  return generator::test::error_of([&] { demand(yaml); });
}

RouterDescription with_sas(const std::vector<std::string>& sas) {
  auto description = built_in_description();
  description.sas.clear();
  std::uint32_t spi_base = 0x10000000;
  for (const auto& yaml : sas) {
    description.sas.push_back(pattern(yaml));
    description.sas.back().spi_base = spi_base;
    spi_base += 0x01000000;
  }
  return description;
}

std::optional<std::vector<std::size_t>> found(const SaDemands& demands,
                                              const RouterDescription& description) {
  return find_sas(demands, description, 1, description.sas);
}

const char* const ah_to = "{type: 5, direction: to-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6}";
const char* const ah_from = "{type: 5, direction: from-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6}";
const char* const esp_to = "{type: 5, direction: to-mn, spt: 9}";
const char* const type_2 = "{type: 2, direction: to-mn, spt: 10, remote: '2001:db8:ff::1'}";

TEST(SaDemand, OfNothingIsMetByAnyAhOrEspSaThatIsTransferred) {
  const auto any = demand("{}");
  EXPECT_TRUE(any.is_met_by(pattern(ah_from)));
  EXPECT_TRUE(any.is_met_by(pattern("{type: 5, direction: to-mn, spt: 1, protocol: udp}")));
  EXPECT_FALSE(any.is_met_by(pattern(type_2)));
  EXPECT_FALSE(
      any.is_met_by(pattern("{type: 5, direction: to-mn, spt: IPCOMP-TUNNEL-DEFLATE-V6-V6}")));
}

TEST(SaDemand, ComparesOnlyTheStatedValues) {
  const auto udp = demand("{protocol: udp, direction: to-mn}");
  const auto sa = [](const char* rest) {
    return pattern(std::string("{type: 5, spt: 9, ") + rest + "}");
  };
  EXPECT_TRUE(udp.is_met_by(sa("direction: to-mn, protocol: udp, sequence: 7, lifetime: 1")));
  EXPECT_FALSE(udp.is_met_by(sa("direction: to-mn, protocol: tcp")));
  EXPECT_FALSE(udp.is_met_by(sa("direction: from-mn, protocol: udp")));
}

TEST(SaDemand, SomeIsAnyValueButZero) {
  const auto ports = demand("{protocol: 17, source_port: some}");
  EXPECT_EQ(ports.sa.context.source_port, 5000);  // of the SA that the tester makes
  EXPECT_TRUE(ports.is_met_by(
      pattern("{type: 5, direction: to-mn, spt: 9, protocol: 17, source_port: 1}")));
  EXPECT_FALSE(ports.is_met_by(pattern(esp_to)));
}

TEST(SaDemand, OnPortsIsNotMetByAnSaWithPortRanges) {
  const auto ranges = pattern(
      "{type: 5, direction: to-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6-ASD, additional: [{type: 131, "
      "value: [1, 2]}]}");
  EXPECT_FALSE(demand("{source_port: 0, destination_port: 0}").is_met_by(ranges));
  EXPECT_TRUE(demand("{}").is_met_by(ranges));
}

TEST(SaDemand, DistinguishesSptAlgorithmAndEnds) {
  EXPECT_TRUE(demand("{ipsec: esp}").is_met_by(pattern(esp_to)));
  EXPECT_FALSE(demand("{ipsec: ah}").is_met_by(pattern(esp_to)));
  EXPECT_TRUE(demand("{ends: V6-V6}").is_met_by(pattern(esp_to)));
  EXPECT_FALSE(demand("{ends: V6-V6}").is_met_by(pattern("{type: 5, direction: to-mn, spt: 1}")));
  EXPECT_TRUE(demand("{spt: [10, 9]}").is_met_by(pattern(esp_to)));
  EXPECT_FALSE(demand("{spt: [10]}").is_met_by(pattern(esp_to)));
}

TEST(SaDemand, ValuesInMadeWithAreNoDemand) {
  const auto made =
      demand("{type: 2, made-with: {spt: 10, remote: '2001:db8:ff::1', lifetime: 5}}");
  EXPECT_EQ(made.sa.context.lifetime, 5U);
  EXPECT_TRUE(made.is_met_by(pattern(type_2)));
}

TEST(SaDemand, RejectsContradictionsAndUnknownKeys) {
  EXPECT_EQ(demand_error("{spt: 9, ipsec: esp}"),
            "t.yaml:1: sas[0].spt: an SA with an spt has no ipsec and no ends");
  EXPECT_EQ(demand_error("{lifetime: 1, made-with: {lifetime: 2}}"),
            "t.yaml:1: sas[0].made-with: the case states lifetime already");
  EXPECT_THAT(demand_error("{liftime: 1}"), testing::HasSubstr("did you mean lifetime?"));
  EXPECT_THAT(demand_error("esp"), testing::HasSubstr("expected an SA"));
}

TEST(SaDemand, NamesWhatIsMissing) {
  SaDemands demands;
  demands.list = {demand("{ipsec: esp, direction: from-mn}")};
  const auto description = with_sas({ah_to, ah_from, esp_to});
  EXPECT_EQ(missing_sas(demands, description.sas), "an ESP SA from-mn; the description has none");
  demands.list = {demand("{ipsec: esp}"), demand("{ipsec: esp}")};
  EXPECT_EQ(missing_sas(demands, description.sas), "2 SAs, each an ESP SA; the description has 1");
  demands.list = {demand("{}")};
  demands.no_other_sas = true;
  EXPECT_EQ(
      missing_sas(demands, description.sas),
      "mobile nodes with an AH or ESP SA and no other SA that is transferred; the description "
      "has none");
}

TEST(FindSas, AssignsEachDemandAnotherSaWhateverTheOrder) {
  SaDemands demands;
  demands.list = {demand("{}"), demand("{ipsec: esp}"), demand("{ipsec: ah, direction: to-mn}")};
  // The first demand must not take the only SA of another one.
  EXPECT_THAT(found(demands, with_sas({esp_to, ah_to, type_2, ah_from})),
              Optional(ElementsAre(3, 0, 1)));
  EXPECT_FALSE(found(demands, with_sas({esp_to, ah_to, type_2})));
}

TEST(FindSas, RejectsOtherSasIfTheCaseDoes) {
  SaDemands demands;
  demands.list = {demand("{}")};
  demands.no_other_sas = true;
  EXPECT_THAT(found(demands, with_sas({type_2, ah_to})), Optional(ElementsAre(1)));
  EXPECT_FALSE(found(demands, with_sas({ah_from, ah_to})));
}

TEST(FindSas, NeedsSpisThatNoOtherSaHas) {
  SaDemands demands;
  demands.list = {demand("{ipsec: ah}"), demand("{ipsec: esp}")};
  auto description = with_sas({ah_to, esp_to, ah_from});
  description.sas[1].spi_base = description.sas[0].spi_base - 1;  // + position: the same SPI
  EXPECT_FALSE(found(demands, description));
  demands.same_spi = true;
  EXPECT_THAT(found(demands, description), Optional(ElementsAre(0, 1)));
  EXPECT_FALSE(found(demands, with_sas({ah_to, esp_to, ah_from})));
}

TEST(FindSas, ThePshinNeedsTheFirstAhSaWithoutSelectors) {
  SaDemands demands;
  demands.list = {demand("{}"), pshin_demand()};
  EXPECT_THAT(found(demands, with_sas({ah_to, ah_from})), Optional(ElementsAre(0, 1)));
  // One SA may meet both demands.
  EXPECT_THAT(found(demands, with_sas({ah_from})), Optional(ElementsAre(0, 0)));
  EXPECT_FALSE(found(demands, with_sas({esp_to})));
  const auto* udp =
      "{type: 5, direction: from-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6, protocol: udp}";
  EXPECT_FALSE(found(demands, with_sas({udp, ah_from})));
  const auto* exhausted =
      "{type: 5, direction: from-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6, sequence: 0xffffffff}";
  EXPECT_FALSE(found(demands, with_sas({exhausted})));
}

TEST(FindSas, MeasuresTheContexts) {
  const auto of = [](Exceeded exceeded) {
    SaDemands demands;
    demands.list = {demand("{}")};
    demands.exceeded = exceeded;
    return demands;
  };
  const auto sas = [](int count) {
    return with_sas({"{type: 5, direction: to-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6, repeat: " +
                     std::to_string(count) + "}"});
  };
  EXPECT_FALSE(found(of(Exceeded::sub_option), sas(3)));
  EXPECT_TRUE(found(of(Exceeded::sub_option), sas(4)));
  EXPECT_FALSE(found(of(Exceeded::mtu), sas(4)));
  EXPECT_TRUE(found(of(Exceeded::mtu), sas(22)));
  EXPECT_FALSE(found(of(Exceeded::message), sas(22)));
  EXPECT_TRUE(found(of(Exceeded::message), sas(30)));
}

// Every demand of the suite can be met: by the SAs that the tester configures for it.
TEST(SasToConfigure, MeetTheDemandsOfEveryCase) {
  for (const auto& c : built_in_cases()) {
    if (c.role != Role::pr) continue;
    auto description = built_in_description();
    description.sas = sas_to_configure(c.needs.sas, description);
    EXPECT_TRUE(found(c.needs.sas, description)) << c.id;
  }
}

TEST(SasToHandOver, UseTheFirstSptThatTheRouterSupports) {
  auto description = built_in_description();
  const auto& sas = default_sas(Role::nr);
  EXPECT_EQ(sas_to_hand_over(sas, description).at(2).context.spt, 9);
  std::erase(description.capabilities, "esp");
  const auto ah = parse_spt("AH-TRANSPORT-HMACSHA1-V6-V6");
  for (const auto& sa : sas_to_hand_over(sas, description)) EXPECT_EQ(sa.context.spt, ah);
  EXPECT_TRUE(undeclared_for(sas, description).empty());
}

}  // namespace
}  // namespace secct::replay
