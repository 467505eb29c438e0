// SPDX-License-Identifier: GPL-2.0-or-later
// Data packets of the mobile node, and what a handover keeps from one packet to the next: sequence
// numbers, replay windows, SPIs and the fields of replies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/handover/handover.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/decode/decode.hpp"
#include "tests/generator/descriptions.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using testing::ElementsAre;

MnData before(std::vector<std::size_t> under) {
  return {.echo = false, .after = false, .under = std::move(under), .remote = {}};
}
MnData after(std::vector<std::size_t> under) {
  return {.echo = false, .after = true, .under = std::move(under), .remote = {}};
}
MnData echo(std::size_t sa) { return {.echo = true, .after = false, .under = {sa}, .remote = {}}; }

std::vector<LayerKind> kinds(const PacketDocument& packet) {
  std::vector<LayerKind> all;
  for (const auto& layer : packet.layers) all.push_back(layer.kind);
  return all;
}

// The addresses of the IPv6 header at this index of the layers.
std::string ends(const PacketDocument& packet, std::size_t layer) {
  const auto text = [&](HeaderField field) {
    return to_text(address_from(*packet.layers.at(layer).octets(field)));
  };
  return text(HeaderField::ipv6_src) + " > " + text(HeaderField::ipv6_dst);
}

std::optional<std::uint64_t> esp_number(const PacketDocument& packet) {
  return packet.find(LayerKind::esp)->number(HeaderField::esp_sequence);
}

// Mobile node 1 of the built-in description: SA 3 is ESP from the MN, last sequence number 400.
class HandoverData : public testing::Test {
 protected:
  const Context& context(std::size_t sa) const { return handover_.mobile_node().sas[sa].context; }

  Counters counters_;
  Handover handover_{description(), Role::nr, 1, 7, counters_};
};

TEST_F(HandoverData, AdvancesTheSaBeforeTheHandover) {
  const auto packet = handover_.data(before({3}));
  EXPECT_THAT(kinds(packet), ElementsAre(LayerKind::eth, LayerKind::ipv6, LayerKind::esp,
                                         LayerKind::udp, LayerKind::data));
  EXPECT_EQ(ends(packet, 1), "2001:db8:10::1:1 > 2001:db8:1::1");
  EXPECT_EQ(esp_number(packet), 401U);
  EXPECT_EQ(context(3).sequence, 401U);
  EXPECT_EQ(context(3).window, octets("ffffffffffffffff"));
  EXPECT_EQ(context(1).sequence, 200U);
}

TEST_F(HandoverData, ContinuesAtTheNewRouterAfterTheHandover) {
  static_cast<void>(handover_.data(before({3})));
  const auto packet = handover_.data(after({3}));
  EXPECT_EQ(ends(packet, 1), "2001:db8:20::1:1 > 2001:db8:2::1");
  EXPECT_EQ(esp_number(packet), 402U);
  EXPECT_EQ(context(3).sequence, 401U);
}

// SA 4 (type 2) is not transferred.
TEST_F(HandoverData, AnSaThatIsNotTransferredKeepsItsAddresses) {
  const std::string expected = "2001:db8:10::1:1 > 2001:db8:ff::1";
  EXPECT_EQ(ends(handover_.data(before({4})), 1), expected);
  EXPECT_EQ(ends(handover_.data(after({4})), 1), expected);
}

TEST_F(HandoverData, EchoRepliesHaveTheNumberOfTheRequest) {
  const auto body = [&](std::size_t sa) {
    const auto packet = handover_.data(echo(sa));
    return std::pair(packet.find(LayerKind::icmpv6)->number(HeaderField::icmpv6_type),
                     to_hex(*packet.layers.back().octets(HeaderField::data_octets)).substr(0, 8));
  };
  EXPECT_EQ(body(1), std::pair(std::optional<std::uint64_t>(128), std::string("00070001")));
  EXPECT_EQ(body(0), std::pair(std::optional<std::uint64_t>(129), std::string("00070001")));
  EXPECT_EQ(body(1).second, "00070002");
}

TEST_F(HandoverData, FirstSaIsTheOutermost) {
  const auto packet = handover_.data(before({1, 3}));
  EXPECT_THAT(kinds(packet), ElementsAre(LayerKind::eth, LayerKind::ipv6, LayerKind::ah,
                                         LayerKind::esp, LayerKind::udp, LayerKind::data));
}

TEST_F(HandoverData, TunnelCarriesPacketsOfARemoteNode) {
  const auto router = description_from(description_yaml(tunnels));
  Handover handover(router, Role::nr, 1, 7, counters_);
  auto traffic = before({1});
  traffic.remote = address("2001:db8:ff::99");
  const auto packet = handover.data(traffic);
  EXPECT_THAT(kinds(packet), ElementsAre(LayerKind::eth, LayerKind::ipv6, LayerKind::ah,
                                         LayerKind::ipv6, LayerKind::udp, LayerKind::data));
  EXPECT_EQ(ends(packet, 1), "2001:db8:1::1 > 2001:db8:10::1:1");
  EXPECT_EQ(ends(packet, 3), "2001:db8:ff::99 > 2001:db8:10::1:1");
}

TEST_F(HandoverData, RejectsSasThatCannotProtectAPacket) {
  EXPECT_EQ(error_of([&] { static_cast<void>(handover_.data({})); }),
            "data without an SA: 'under' is empty");
  EXPECT_EQ(error_of([&] { static_cast<void>(handover_.data(before({5}))); }),
            "data under SA 6: the mobile node has only 5 SAs");
  const auto router = description_from(description_yaml(
      "    - {type: 5, direction: to-mn, spt: IPCOMP-TRANSPORT-DEFLATE-V6-V6, spi_base: 1}\n"));
  Handover handover(router, Role::nr, 1, 7, counters_);
  EXPECT_EQ(error_of([&] { static_cast<void>(handover.data(before({0}))); }),
            "data under SA 1: IPCOMP-TRANSPORT-DEFLATE-V6-V6 is neither AH nor ESP");
}

// wire-format.md 6.6.
TEST_F(HandoverData, RecomputedSpiReplacesTheSpiAtTheNewRouter) {
  const auto spi = handover_.recomputed_spi(1);
  EXPECT_EQ(spi,
            compute_spi(context(1).key, address("2001:db8:2::1"), address("2001:db8:20::1:1")));
  handover_.set_spi(1, spi);
  const auto spi_of = [](const PacketDocument& packet) {
    return packet.find(LayerKind::ah)->number(HeaderField::ah_spi);
  };
  EXPECT_EQ(spi_of(handover_.data(before({1}))), 0x20000041U);
  EXPECT_EQ(spi_of(handover_.data(after({1}))), spi);
  EXPECT_NE(handover_.keyring().find(IpsecProtocol::ah, spi, handover_.nr()), nullptr);
}

// behaviour.md section 5.
TEST_F(HandoverData, MobileIpv4HasIpv4Addresses) {
  handover_.use_ipv4();
  EXPECT_EQ(handover_.mobile_node().paddr, address("10.1.0.1"));
  EXPECT_EQ(handover_.mobile_node().naddr, address("192.0.2.1"));
  EXPECT_EQ(handover_.nr(), address("192.0.2.1"));
  EXPECT_EQ(handover_.pr(), address("192.0.2.2"));
  EXPECT_NE(handover_.shreq().find(LayerKind::ip), nullptr);
}

TEST_F(HandoverData, PutUnderReplacesTheProtection) {
  auto packet = handover_.shrep();
  handover_.put_under(IpsecProtocol::esp, packet);
  EXPECT_THAT(kinds(packet),
              ElementsAre(LayerKind::eth, LayerKind::ipv6, LayerKind::esp, LayerKind::icmpv6));
  EXPECT_EQ(packet.find(LayerKind::esp)->number(HeaderField::esp_spi), 0x2001U);
  EXPECT_EQ(esp_number(packet), 1U);

  auto router = description();
  std::erase_if(router.router_sas,
                [](const auto& sa) { return sa.sa.protocol == IpsecProtocol::esp; });
  Handover without_esp(router, Role::nr, 1, 7, counters_);
  EXPECT_EQ(error_of([&] { without_esp.put_under(IpsecProtocol::esp, packet); }),
            "under: router_sas of the description has no ESP SA from the peer");
}

TEST_F(HandoverData, NumberEspUsesTheCountersOfTheSa) {
  auto between_routers = handover_.shrep();
  handover_.put_under(IpsecProtocol::esp, between_routers);
  auto of_mobile_node = handover_.data(before({3}));
  for (const std::uint64_t number : {2U, 3U}) {
    handover_.number_esp(between_routers);
    EXPECT_EQ(esp_number(between_routers), number);
  }
  handover_.number_esp(of_mobile_node);
  EXPECT_EQ(esp_number(of_mobile_node), 402U);
}

TEST_F(HandoverData, RepliesCopyTheRequest) {
  auto router = description();
  router.router_sas.clear();
  Handover other(router, Role::nr, 2, 99, counters_);
  const auto request = built(other.shreq());
  DecodedMessage decoded;
  ASSERT_TRUE(decode({}, Carrier::icmpv6, View(request).subspan(54), {}, decoded));
  handover_.answer(decoded);
  const auto reply = handover_.shrep_ack();
  const auto* option = reply.message()->find(Field::options);
  EXPECT_EQ(reply.message()->find(Field::identifier)->number(), 99U);
  EXPECT_EQ(address_from(*option->find(Field::naddr)->octets()), address("2001:db8:20::1:2"));
  EXPECT_EQ(address_from(*option->find(Field::paddr)->octets()), address("2001:db8:10::1:2"));
  handover_.set_reply_identifier(5);
  EXPECT_EQ(handover_.hack().message()->find(Field::identifier)->number(), 5U);
}

}  // namespace
}  // namespace secct::generator::test
