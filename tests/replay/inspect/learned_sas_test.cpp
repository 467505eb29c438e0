// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/learned_sas.hpp"

#include <algorithm>

#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

class LearnedSasTest : public TesterFixture {
 protected:
  LearnedSasTest() : TesterFixture(Role::pr) {}

  void add(const PacketDocument& packet) { learned_.add(received(packet)->decoded); }
  // The destination of the SA that is found; unspecified if there is none.
  Address found(IpsecProtocol protocol, std::uint32_t spi, const Address& destination) const {
    const auto* sa = learned_.find(protocol, spi, destination);
    return sa != nullptr ? sa->destination : Address{};
  }
  std::uint32_t spi(std::size_t sa) const { return handover_.mobile_node().sas[sa].context.spi; }

  const Address naddr_ = handover_.mobile_node().naddr;
  const Address paddr_ = handover_.mobile_node().paddr;
  LearnedSas learned_;
};

TEST_F(LearnedSasTest, MovesTheSasOfAShrepToNewRouterAndNaddr) {
  EXPECT_EQ(learned_.find(IpsecProtocol::ah, spi(0), naddr_), nullptr);
  add(handover_.shrep());
  const auto* to_mn = learned_.find(IpsecProtocol::ah, spi(0), naddr_);
  ASSERT_NE(to_mn, nullptr);
  EXPECT_EQ(to_mn->destination, naddr_);
  EXPECT_EQ(to_mn->source, handover_.nr());
  EXPECT_EQ(found(IpsecProtocol::ah, spi(1), handover_.nr()), handover_.nr());
  EXPECT_EQ(found(IpsecProtocol::esp, spi(2), naddr_), naddr_);
}

TEST_F(LearnedSasTest, AlsoFindsTheSaAtThePreviousRouter) {
  add(handover_.shrep());
  EXPECT_EQ(found(IpsecProtocol::ah, spi(0), paddr_), paddr_);
}

TEST_F(LearnedSasTest, FallsBackToProtocolAndSpi) {
  add(handover_.shrep());
  const Address other{1};
  EXPECT_NE(learned_.find(IpsecProtocol::ah, spi(0), other), nullptr);
  EXPECT_EQ(learned_.find(IpsecProtocol::esp, spi(0), other), nullptr);
  EXPECT_EQ(learned_.find(IpsecProtocol::ah, 7, other), nullptr);
}

TEST_F(LearnedSasTest, TakesNaddrFromALaterMessage) {
  add(edited(handover_.hi(), {{"secct.naddr", "::"}}));
  EXPECT_NE(found(IpsecProtocol::ah, spi(0), naddr_), naddr_);
  add(handover_.shreq());
  EXPECT_EQ(found(IpsecProtocol::ah, spi(0), naddr_), naddr_);
}

TEST_F(LearnedSasTest, TakesTheAddressOfTheNewRouterFromTheShin) {
  const auto shin = edited(handover_.shin(0), {{"ipv6.dst", "2001:db8:2::99"}});
  add(handover_.shrep());
  add(shin);
  const auto nr = received(shin)->datagram->destination;
  EXPECT_EQ(found(IpsecProtocol::ah, spi(1), nr), nr);
}

TEST_F(LearnedSasTest, SetAddressesReplacesAddressesUnlessTheyAreUnspecified) {
  add(handover_.shrep());
  const Address nr{0x20, 1};
  const Address naddr{0x20, 2};
  learned_.set_addresses(Address{}, naddr);
  EXPECT_EQ(found(IpsecProtocol::ah, spi(0), naddr_), naddr_);
  learned_.set_addresses(nr, naddr);
  EXPECT_EQ(found(IpsecProtocol::ah, spi(0), naddr), naddr);
  EXPECT_EQ(found(IpsecProtocol::ah, spi(1), nr), nr);
}

TEST_F(LearnedSasTest, HasTheKeysOfRecomputedSpis) {
  add(handover_.shrep());
  const auto keys = learned_.spi_keys();
  ASSERT_EQ(keys.size(), 4U);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(keys[i], handover_.mobile_node().sas[i].context.key)) << i;
  }
}

TEST_F(LearnedSasTest, LearnsNothingFromMessagesWithoutContexts) {
  add(handover_.shreq());
  add(handover_.shrep_status());
  EXPECT_TRUE(learned_.spi_keys().empty());
}

}  // namespace
}  // namespace secct::replay
