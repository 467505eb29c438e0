// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/decapsulate.hpp"

#include "ipsec/crypto.hpp"
#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

using State = IpsecLayer::State;

class Decapsulate : public TesterFixture {
 protected:
  SaFinder finder() const {
    return [this](IpsecProtocol protocol, std::uint32_t spi, const Address&,
                  const Address& destination) {
      return mobile_node_.keys().find(protocol, spi, destination);
    };
  }
  static SaFinder no_keys() {
    return [](auto...) -> const Sa* { return nullptr; };
  }

  // The SHREQ of the NR under ESP.
  PacketDocument shreq_under_esp() {
    auto packet = handover_.shreq();
    drop_layer(packet, "ah");
    insert_layer(description_.codepoints, packet, "icmpv6", "esp: {esp.spi: 0x2002}");
    return packet;
  }

  // The names of the parts that can be messages.
  static std::vector<Carrier> carriers(const DecapsulatedPacket& packet) {
    std::vector<Carrier> list;
    packet.each_message([&](Carrier carrier, View) {
      list.push_back(carrier);
      return false;
    });
    return list;
  }

  DecapsulatedPacket packet_;
};

TEST_F(Decapsulate, VerifiesAh) {
  const auto octets = datagram(edited(handover_.shreq(), {{"ah.sequence", "9"}}));
  ASSERT_TRUE(packet_.open(octets, finder()));
  ASSERT_EQ(packet_.ipsec_layers().size(), 1U);
  const auto& layer = packet_.ipsec_layers()[0];
  EXPECT_EQ(layer.protocol, IpsecProtocol::ah);
  EXPECT_EQ(layer.state, State::good);
  EXPECT_EQ(layer.spi, 0x1002U);
  EXPECT_EQ(layer.sequence, 9U);
  EXPECT_EQ(layer.source, description_.address);
  EXPECT_EQ(layer.icv.size(), icv_octets);
  EXPECT_EQ(packet_.protection(), Protection::ah);
  EXPECT_FALSE(packet_.decrypted());
  EXPECT_EQ(carriers(packet_), std::vector{Carrier::icmpv6});
}

TEST_F(Decapsulate, ReportsAWrongIcv) {
  auto octets = datagram(handover_.shreq());
  octets.back() ^= 1;
  ASSERT_TRUE(packet_.open(octets, finder()));
  EXPECT_EQ(packet_.ipsec_layers().at(0).state, State::bad_icv);
}

TEST_F(Decapsulate, SkipsAhWithoutKey) {
  const auto octets = datagram(handover_.shreq());
  ASSERT_TRUE(packet_.open(octets, no_keys()));
  EXPECT_EQ(packet_.ipsec_layers().at(0).state, State::unverified);
  EXPECT_FALSE(packet_.closed());
  EXPECT_EQ(carriers(packet_), std::vector{Carrier::icmpv6});
}

TEST_F(Decapsulate, DecryptsEsp) {
  const auto octets = datagram(shreq_under_esp());
  ASSERT_TRUE(packet_.open(octets, finder()));
  EXPECT_EQ(packet_.ipsec_layers().at(0).state, State::good);
  EXPECT_EQ(packet_.ipsec_layers()[0].iv.size(), iv_octets(Cipher::aes_cbc));
  EXPECT_EQ(packet_.protection(), Protection::esp);
  EXPECT_TRUE(packet_.decrypted());
  EXPECT_FALSE(packet_.closed());
  EXPECT_EQ(carriers(packet_), std::vector{Carrier::icmpv6});
}

TEST_F(Decapsulate, LeavesEspWithoutKeyClosed) {
  const auto octets = datagram(shreq_under_esp());
  ASSERT_TRUE(packet_.open(octets, no_keys()));
  EXPECT_EQ(packet_.ipsec_layers().at(0).state, State::unverified);
  EXPECT_TRUE(packet_.closed());
  EXPECT_FALSE(packet_.decrypted());
  EXPECT_TRUE(carriers(packet_).empty());
}

TEST_F(Decapsulate, LeavesEspWithAWrongIcvClosed) {
  auto octets = datagram(shreq_under_esp());
  octets.back() ^= 1;
  ASSERT_TRUE(packet_.open(octets, finder()));
  EXPECT_EQ(packet_.ipsec_layers().at(0).state, State::bad_icv);
  EXPECT_TRUE(packet_.closed());
}

TEST_F(Decapsulate, EntersTunnelsAndReportsTheOuterLayerFirst) {
  auto packet = handover_.shreq();
  insert_layer(description_.codepoints, packet, "ah", "esp: {esp.spi: 0x2002}");
  insert_layer(description_.codepoints, packet, "ah",
               "ipv6: {ipv6.src: \"2001:db8:2::1\", ipv6.dst: \"2001:db8:1::1\"}");
  const auto octets = datagram(packet);
  ASSERT_TRUE(packet_.open(octets, finder()));
  ASSERT_EQ(packet_.ipsec_layers().size(), 2U);
  EXPECT_EQ(packet_.ipsec_layers()[0].protocol, IpsecProtocol::esp);
  EXPECT_EQ(packet_.ipsec_layers()[1].protocol, IpsecProtocol::ah);
  EXPECT_EQ(packet_.ipsec_layers()[1].state, State::good);
  EXPECT_EQ(carriers(packet_), std::vector{Carrier::icmpv6});
}

TEST_F(Decapsulate, FindsDestinationOptionsAndMobileIpv4Extensions) {
  const auto shin = datagram(handover_.shin(1));
  ASSERT_TRUE(packet_.open(shin, finder()));
  EXPECT_EQ(packet_.protection(), Protection::none);
  const auto options = carriers(packet_);
  EXPECT_NE(std::ranges::find(options, Carrier::dstopt), options.end());
  const auto request = datagram(handover_.mip4_request());
  ASSERT_TRUE(packet_.open(request, finder()));
  const auto extensions = carriers(packet_);
  EXPECT_NE(std::ranges::find(extensions, Carrier::mip4_request), extensions.end());
}

TEST_F(Decapsulate, StopsWhenTheVisitorReturnsTrue) {
  const auto shin = datagram(handover_.shin(1));
  ASSERT_TRUE(packet_.open(shin, finder()));
  int visits = 0;
  packet_.each_message([&](Carrier, View) {
    ++visits;
    return true;
  });
  EXPECT_EQ(visits, 1);
}

TEST_F(Decapsulate, RejectsTruncatedDatagrams) {
  const auto octets = datagram(handover_.shreq());
  for (std::size_t size = 0; size < octets.size(); ++size) {
    EXPECT_FALSE(packet_.open(View(octets).first(size), finder())) << size;
  }
}

TEST_F(Decapsulate, ForgetsThePreviousPacket) {
  const auto esp = datagram(shreq_under_esp());
  const auto shin = datagram(handover_.shin(1));
  ASSERT_TRUE(packet_.open(esp, no_keys()));
  ASSERT_TRUE(packet_.open(shin, no_keys()));
  EXPECT_TRUE(packet_.ipsec_layers().empty());
  EXPECT_FALSE(packet_.closed());
}

}  // namespace
}  // namespace secct::replay
