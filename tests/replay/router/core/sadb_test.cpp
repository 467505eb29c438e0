// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/core/sadb.hpp"

#include <gtest/gtest.h>

#include "generator/document/edit.hpp"
#include "generator/handover/handover.hpp"
#include "generator/packet/build.hpp"
#include "network/datagram.hpp"

namespace secct::replay {
namespace {

constexpr std::uint32_t peer_ah = 0x1001;  // built_in.yaml: the SAs between the routers
constexpr std::uint32_t own_ah = 0x1002;
constexpr std::uint32_t peer_esp = 0x2001;

class SadbTest : public testing::Test {
 protected:
  // A SHREP under AH of the other router.
  PacketDocument shrep(std::uint32_t sequence) {
    counters_.set(IpsecProtocol::ah, peer_ah, sequence);
    return handover_.shrep();
  }
  Octets datagram(const PacketDocument& packet) {
    const auto built = build(description_.codepoints, handover_.keyring(), packet);
    EXPECT_TRUE(built.faults.empty()) << built.faults[0].text;
    return {built.octets.begin() + ethernet_octets, built.octets.end()};
  }
  bool accepts(const PacketDocument& packet) { return sadb_.open(datagram(packet), 0).acceptable; }
  Sadb with_fault(Fault fault) {
    behaviour_ = fault;
    return {description_, behaviour_};
  }

  // SA number `index` of the mobile node, as the new router installs it for `owner`.
  LiveSa mobile_node_sa(std::size_t index, const Owner& owner) const {
    LiveSa live;
    live.context = handover_.at_new_router(handover_.mobile_node().sas[index].context);
    live.sa = *to_sa(live.context);
    live.owner = owner;
    return live;
  }
  // The mobile node's SA to the router.
  static constexpr std::size_t inbound = 1;

  RouterDescription description_ = built_in_description();
  BehaviourOverride behaviour_;
  Counters counters_;
  Handover handover_{description_, Role::nr, 1, 1, counters_};
  Sadb sadb_{description_, behaviour_};
  const Owner owner_{Role::nr, handover_.mobile_node().naddr};
};

TEST_F(SadbTest, RemovesAhAndReportsItsSa) {
  const auto packet = datagram(shrep(1));
  const auto opened = sadb_.open(packet, 0);
  ASSERT_TRUE(opened.acceptable);
  ASSERT_EQ(opened.under.size(), 1U);
  EXPECT_EQ(opened.under[0]->sa.spi, peer_ah);
  EXPECT_FALSE(opened.under[0]->owner);
  const auto inner = parse_datagram(opened.datagram);
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->find(ip_proto::ah), nullptr);
  EXPECT_NE(inner->find(ip_proto::icmpv6), nullptr);
  EXPECT_EQ(opened.datagram.size() + 24, packet.size());  // 12 octets of AH and a 12-octet ICV
}

TEST_F(SadbTest, DecryptsEsp) {
  description_.policies.confidential = true;
  const auto opened = sadb_.open(datagram(handover_.shrep()), 0);
  ASSERT_TRUE(opened.acceptable);
  ASSERT_EQ(opened.under.size(), 1U);
  EXPECT_EQ(opened.under[0]->sa.spi, peer_esp);
  const auto inner = parse_datagram(opened.datagram);
  ASSERT_TRUE(inner);
  EXPECT_NE(inner->find(ip_proto::icmpv6), nullptr);
}

TEST_F(SadbTest, AcceptsPacketWithoutIpsec) {
  auto packet = shrep(1);
  drop_layer(packet, "ah");
  const auto octets = datagram(packet);
  const auto opened = sadb_.open(octets, 0);
  EXPECT_TRUE(opened.acceptable);
  EXPECT_TRUE(opened.under.empty());
  EXPECT_EQ(opened.datagram, octets);
}

TEST_F(SadbTest, RejectsWhatIsNotADatagram) {
  EXPECT_FALSE(sadb_.open(Octets{}, 0).acceptable);
  EXPECT_FALSE(sadb_.open(Octets{0x60, 0, 0}, 0).acceptable);
}

TEST_F(SadbTest, RejectsUnknownSpi) {
  auto packet = shrep(1);
  packet.find(LayerKind::ah)->set(HeaderField::ah_spi, std::uint64_t{0x1003});
  // The ICV is valid under the key of the SA with the other router.
  auto keys = handover_.keyring();
  for (auto& sa : keys.sas) {
    if (sa.spi == peer_ah) sa.spi = 0x1003;
  }
  const auto built = build(description_.codepoints, keys, packet);
  const auto octets = View(built.octets).subspan(ethernet_octets);
  EXPECT_FALSE(sadb_.open(octets, 0).acceptable);
  EXPECT_TRUE(with_fault(Fault::spi_not_compared).open(octets, 0).acceptable);
}

TEST_F(SadbTest, RejectsItsOutboundSa) {
  auto packet = shrep(1);
  packet.find(LayerKind::ah)->set(HeaderField::ah_spi, std::uint64_t{own_ah});
  // The ICV is valid under the SA of the other direction.
  auto keys = handover_.keyring();
  for (auto& sa : keys.sas) {
    if (sa.spi == own_ah) sa.destination = description_.address;
  }
  const auto built = build(description_.codepoints, keys, packet);
  const auto octets = View(built.octets).subspan(ethernet_octets);
  EXPECT_FALSE(sadb_.open(octets, 0).acceptable);
}

TEST_F(SadbTest, RejectsWrongIcvWithoutAdvancingTheWindow) {
  auto packet = shrep(5);
  set_field(description_.codepoints, packet, "ah.icv", "0x000102030405060708090a0b");
  EXPECT_FALSE(accepts(packet));
  EXPECT_TRUE(accepts(shrep(5)));
}

TEST_F(SadbTest, AcceptsWrongIcvWithFaultOnly) {
  auto packet = shrep(5);
  set_field(description_.codepoints, packet, "ah.icv", "0x000102030405060708090a0b");
  const auto octets = datagram(packet);
  EXPECT_TRUE(with_fault(Fault::icv_not_checked).open(octets, 0).acceptable);
  EXPECT_FALSE(with_fault(Fault::esp_icv_not_checked).open(octets, 0).acceptable);
}

TEST_F(SadbTest, RejectsReplayedSequenceNumber) {
  EXPECT_TRUE(accepts(shrep(100)));
  EXPECT_FALSE(accepts(shrep(100)));
  EXPECT_TRUE(accepts(shrep(99)));   // new, within the window
  EXPECT_FALSE(accepts(shrep(36)));  // before the window of 64
  EXPECT_TRUE(accepts(shrep(101)));
}

TEST_F(SadbTest, RejectsTunnelModeUnderTransportSa) {
  auto packet = shrep(1);
  const auto inner = packet.layers[1];
  packet.layers.insert(packet.layers.begin() + 3, inner);
  EXPECT_FALSE(accepts(packet));
}

TEST_F(SadbTest, OpensPacketUnderInstalledSaOnly) {
  const auto live = mobile_node_sa(inbound, owner_);
  const auto packet =
      ip_packet(handover_.mobile_node().naddr, description_.mn_address,
                {ah_layer(live.sa.spi, 300), icmpv6_layer(message_node(Message::shrep_ack))});
  EXPECT_FALSE(accepts(packet));
  sadb_.install(live, true);
  const auto opened = sadb_.open(datagram(packet), 0);
  ASSERT_TRUE(opened.acceptable);
  EXPECT_EQ(opened.under.at(0)->owner, owner_);
  sadb_.remove(owner_);
  EXPECT_FALSE(accepts(packet));
}

TEST_F(SadbTest, RejectsPacketAfterTheLifetime) {
  auto live = mobile_node_sa(inbound, owner_);
  live.expires = seconds(10);
  sadb_.install(live, true);
  const auto packet = [&](std::uint32_t sequence) {
    return datagram(ip_packet(
        handover_.mobile_node().naddr, description_.mn_address,
        {ah_layer(live.sa.spi, sequence), icmpv6_layer(message_node(Message::shrep_ack))}));
  };
  EXPECT_TRUE(sadb_.open(packet(1), seconds(10) - 1).acceptable);
  EXPECT_FALSE(sadb_.open(packet(2), seconds(10)).acceptable);
}

TEST_F(SadbTest, FindsTheSaToThePeerByProtocol) {
  ASSERT_NE(sadb_.sa_to_peer(IpsecProtocol::ah), nullptr);
  EXPECT_EQ(sadb_.sa_to_peer(IpsecProtocol::ah)->sa.spi, own_ah);
  std::erase_if(description_.router_sas,
                [](const auto& sa) { return sa.sa.protocol == IpsecProtocol::esp; });
  Sadb without_esp(description_, behaviour_);
  EXPECT_EQ(without_esp.sa_to_peer(IpsecProtocol::esp), nullptr);
}

TEST_F(SadbTest, SpiIsInUseForOneDestinationAndProtocol) {
  const auto live = mobile_node_sa(inbound, owner_);
  const auto& to = live.sa.destination;
  EXPECT_FALSE(sadb_.spi_in_use(to, IpsecProtocol::ah, live.sa.spi));
  sadb_.install(live, true);
  EXPECT_TRUE(sadb_.spi_in_use(to, IpsecProtocol::ah, live.sa.spi));
  EXPECT_FALSE(sadb_.spi_in_use(to, IpsecProtocol::esp, live.sa.spi));
  EXPECT_FALSE(sadb_.spi_in_use(description_.peer, IpsecProtocol::ah, live.sa.spi));
  // The SAs between the routers are valid for both addresses of the router.
  EXPECT_TRUE(sadb_.spi_in_use(description_.address, IpsecProtocol::ah, peer_ah));
  EXPECT_TRUE(sadb_.spi_in_use(description_.ipv4_address, IpsecProtocol::ah, peer_ah));
}

TEST_F(SadbTest, SpiOfTheDescriptionIsAlwaysInUse) {
  const auto spi = description_.spi_in_use.at(0);
  EXPECT_TRUE(sadb_.spi_in_use(description_.peer, IpsecProtocol::esp, spi));
}

TEST_F(SadbTest, OutboundSaDoesNotUseAnSpi) {
  const auto live = mobile_node_sa(0, owner_);
  sadb_.install(live, false);
  EXPECT_FALSE(sadb_.spi_in_use(live.sa.destination, live.sa.protocol, live.sa.spi));
  EXPECT_EQ(sadb_.of(owner_).size(), 1U);
}

TEST_F(SadbTest, FirstOfTwoSasWithTheSameKeyIsUsed) {
  const Owner other{Role::nr, description_.peer};
  sadb_.install(mobile_node_sa(inbound, owner_), true);
  const auto second = mobile_node_sa(inbound, other);
  sadb_.install(second, true);
  sadb_.remove(other);
  EXPECT_TRUE(sadb_.spi_in_use(second.sa.destination, second.sa.protocol, second.sa.spi));
  sadb_.remove(owner_);
  EXPECT_FALSE(sadb_.spi_in_use(second.sa.destination, second.sa.protocol, second.sa.spi));
}

TEST_F(SadbTest, CountsOwnersByRole) {
  const Owner at_pr{Role::pr, owner_.address};
  const Owner at_fa{Role::fa, owner_.address};
  sadb_.install(mobile_node_sa(0, owner_), false);
  sadb_.install(mobile_node_sa(1, owner_), true);
  sadb_.install(mobile_node_sa(0, at_pr), false);
  sadb_.install(mobile_node_sa(0, at_fa), false);
  EXPECT_EQ(sadb_.owners(Role::pr), 1U);
  EXPECT_EQ(sadb_.owners(Role::nr), 2U);
  ASSERT_EQ(sadb_.of(owner_).size(), 2U);
  EXPECT_EQ(sadb_.of(owner_)[1]->sa.spi, mobile_node_sa(1, owner_).sa.spi);
  sadb_.remove(at_fa);
  EXPECT_EQ(sadb_.owners(Role::nr), 1U);
  sadb_.remove_all();
  EXPECT_EQ(sadb_.owners(Role::nr) + sadb_.owners(Role::pr), 0U);
  EXPECT_TRUE(sadb_.of(owner_).empty());
  EXPECT_TRUE(sadb_.spi_in_use(description_.address, IpsecProtocol::ah, peer_ah));
}

TEST(LiveSa, SequenceNumbersDoNotCycle) {
  LiveSa live;
  EXPECT_EQ(live.next_sequence(), 1U);
  live.sequence = UINT32_MAX - 1;
  EXPECT_EQ(live.next_sequence(), UINT32_MAX);
  EXPECT_EQ(live.next_sequence(), std::nullopt);
  EXPECT_EQ(live.next_sequence(), std::nullopt);
}

TEST(LiveSa, LifetimeInOctetsCountsPackets) {
  LiveSa live;
  live.octets_left = 100;
  EXPECT_TRUE(live.use(60, 0));
  EXPECT_FALSE(live.use(41, 0));
  EXPECT_TRUE(live.use(40, 0));
  EXPECT_FALSE(live.use(1, 0));
}

TEST(LiveSa, HasNoLifetimeByDefault) {
  LiveSa live;
  EXPECT_TRUE(live.use(UINT32_MAX, seconds(1'000'000'000)));
  EXPECT_EQ(live.octets_left, UINT64_MAX);
}

}  // namespace
}  // namespace secct::replay
