// SPDX-License-Identifier: GPL-2.0-or-later
// Traffic of mobile nodes under transferred SAs.
#include <gmock/gmock.h>

#include "tests/replay/router/new_router_fixture.hpp"

namespace secct::replay {
namespace {

class TrafficTest : public NewRouterFixture {};

TEST_F(TrafficTest, EchoesUdpUnderTheSaOfTheOtherDirection) {
  transfer();
  deliver(under_ah(201, udp(7)), milliseconds(5));
  ASSERT_EQ(sent().size(), 1U);
  ASSERT_EQ(last().sas.size(), 1U);
  EXPECT_EQ(last().sas[0].spi, handover_.mobile_node().sas[0].context.spi);
  ASSERT_NE(last().datagram->find(ip_proto::udp), nullptr);
  const auto back = last().datagram->octets_of(*last().datagram->find(ip_proto::udp));
  EXPECT_EQ(big_endian(back.subspan(2, 2)), 4000U);
  EXPECT_EQ(Octets(back.begin() + 8, back.end()), (Octets{1, 2, 3}));
}

TEST_F(TrafficTest, AnswersOtherPortsWithPortUnreachable) {
  transfer();
  deliver(under_ah(201, udp(9)), milliseconds(5));
  ASSERT_EQ(sent().size(), 1U);
  const auto* icmpv6 = last().datagram->find(ip_proto::icmpv6);
  ASSERT_NE(icmpv6, nullptr);
  EXPECT_EQ(last().octets[icmpv6->offset], 1);
  EXPECT_EQ(last().octets[icmpv6->offset + 1], 4);
  EXPECT_FALSE(last().sas.empty());
}

TEST_F(TrafficTest, RejectsSequenceNumbersThatThePreviousRouterAccepted) {
  transfer();
  for (const std::uint32_t sequence : {200U, 150U, 137U}) {
    deliver(under_ah(sequence, udp(7)), milliseconds(5));
    EXPECT_TRUE(sent().empty()) << sequence;
  }
  EXPECT_EQ(router_.statistics()[Count::ipsec_refused], 3U);
  deliver(under_ah(201, udp(7)), milliseconds(6));
  EXPECT_EQ(sent().size(), 1U);
  deliver(under_ah(201, udp(7)), milliseconds(7));
  EXPECT_TRUE(sent().empty());
}

TEST_F(TrafficTest, RemovesSaAtTheEndOfItsLifetime) {
  transfer();
  EXPECT_EQ(router_.mobile_nodes(), 1U);
  deliver(under_ah(201, udp(7)), seconds(3599));
  EXPECT_EQ(sent().size(), 1U);
  deliver(under_ah(202, udp(7)), seconds(3602));
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(router_.mobile_nodes(), 0U);
  EXPECT_EQ(router_.statistics()[Count::expired], 1U);
  EXPECT_EQ(router_.deadline(), std::nullopt);
}

}  // namespace
}  // namespace secct::replay
