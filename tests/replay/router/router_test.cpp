// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/router.hpp"

#include <gmock/gmock.h>

#include "generator/packet/build.hpp"
#include "tests/replay/router/router_fixture.hpp"

namespace secct::replay {
namespace {

class RouterTest : public RouterFixture {
 protected:
  using RouterFixture::RouterFixture;
};

class PreviousRouterTest : public RouterTest {
 protected:
  PreviousRouterTest() : RouterTest(Role::pr) {}
};

TEST_F(RouterTest, TransfersSasOnShin) {
  deliver(handover_.shin(1), 0);
  EXPECT_EQ(sent(), Names{"shreq"});
  handover_.set_reply_identifier(
      static_cast<std::uint16_t>(*last().decoded.number(Field::identifier)));
  deliver(handover_.shrep(), milliseconds(5));
  EXPECT_EQ(sent(), (Names{"shrep-ack", "shak"}));
}

TEST_F(RouterTest, RetransmitsTheSameShreqThreeTimesThenGivesUp) {
  deliver(handover_.shin(1), 0);
  ASSERT_EQ(sent(), Names{"shreq"});
  const auto first = Octets(last().decoded.octets.begin(), last().decoded.octets.end());
  for (unsigned i = 1; i <= 3; ++i) {
    router_.advance(seconds(i) - 1);
    EXPECT_TRUE(sent().empty());
    EXPECT_EQ(router_.deadline(), seconds(i));
    router_.advance(seconds(i));
    ASSERT_EQ(sent(), Names{"shreq"});
    EXPECT_TRUE(std::ranges::equal(first, last().decoded.octets));
  }
  router_.advance(seconds(4));
  ASSERT_EQ(sent(), Names{"shak"});
  EXPECT_EQ(last().decoded.number(Field::status), 106U);
  EXPECT_EQ(router_.deadline(), std::nullopt);
}

TEST_F(RouterTest, IgnoresPacketForAnotherAddress) {
  auto packet = handover_.shin(1);
  const auto elsewhere = description_.peer;
  packet.find(LayerKind::ipv6)
      ->set(HeaderField::ipv6_dst, Octets(elsewhere.begin(), elsewhere.end()));
  deliver(packet, 0);
  EXPECT_TRUE(sent().empty());
}

TEST_F(RouterTest, IgnoresShrepTruncatedAtAnyLength) {
  deliver(handover_.shin(1), 0);
  sent();
  handover_.set_reply_identifier(1);
  const auto built = build(description_.codepoints, keys_, handover_.shrep());
  const auto datagram = View(built.octets).subspan(ethernet_octets);
  for (std::size_t length = 0; length < datagram.size(); ++length) {
    router_.receive(datagram.first(length), milliseconds(1));
    EXPECT_TRUE(router_.take().empty()) << length;
  }
  router_.receive(datagram, milliseconds(2));
  EXPECT_EQ(sent(), (Names{"shrep-ack", "shak"}));
}

TEST_F(RouterTest, UsesKeptContextBeforeItExpires) {
  deliver(handover_.hi(), 0);
  ASSERT_EQ(sent(), Names{"hack"});
  deliver(handover_.shin(0), seconds(6) - 1);  // still there
  EXPECT_EQ(sent(), Names{"shak"});
  EXPECT_EQ(last().decoded.number(Field::status), 200U);
}

TEST_F(RouterTest, RequestsContextAfterItExpired) {
  deliver(handover_.hi(), 0);
  sent();
  deliver(handover_.shin(0), seconds(6));
  EXPECT_EQ(sent(), Names{"shreq"});
}

class ConflictTest : public RouterTest {
 protected:
  static RouterDescription description_with(SpiConflict policy) {
    auto description = built_in_description();
    description.policies.spi_conflict = policy;
    // Mobile node 1, second SA, from the mobile node: 0x20000000 + 64 + 1.
    description.spi_in_use = {0x20000041};
    return description;
  }
  explicit ConflictTest(SpiConflict policy = SpiConflict::recompute)
      : RouterTest(Role::nr, description_with(policy)) {}

  void transfer() {
    deliver(handover_.shin(1), 0);
    sent();
    handover_.set_reply_identifier(1);
    deliver(handover_.shrep(), milliseconds(1));
    ASSERT_EQ(sent().back(), "shak");
  }
};
class RenegotiateTest : public ConflictTest {
 protected:
  RenegotiateTest() : ConflictTest(SpiConflict::renegotiate) {}
};
class DenyTest : public ConflictTest {
 protected:
  DenyTest() : ConflictTest(SpiConflict::deny) {}
};

TEST_F(ConflictTest, ReportsARecomputedSpiByTheOldSpiOnly) {
  transfer();
  EXPECT_EQ(last().decoded.number(Field::status), 200U);
  EXPECT_EQ(last().decoded.number(Field::ack_changed), 0x80U);
  EXPECT_EQ(last().decoded.number(Field::ack_spi), 0x20000041U);
}

TEST_F(RenegotiateTest, RequestsRenegotiation) {
  transfer();
  EXPECT_EQ(last().decoded.number(Field::status), 200U);
  EXPECT_EQ(last().decoded.number(Field::ack_changed), 0x04U);
}

TEST_F(DenyTest, RefusesTheSaWithStatus106) {
  transfer();
  EXPECT_EQ(last().decoded.number(Field::status), 106U);
  EXPECT_EQ(last().decoded.number(Field::ack_changed), std::nullopt);
}

TEST_F(PreviousRouterTest, DeletesContextsAfterPurgeTime) {
  deliver(handover_.shreq(1), 0);
  EXPECT_EQ(sent(), Names{"shrep"});
  EXPECT_EQ(last().decoded.number(Field::status), 200U);
  deliver(handover_.shreq(2), seconds(2));
  sent();
  EXPECT_EQ(last().decoded.number(Field::status), 200U);  // kept for CONTEXT_SAVE_TIME at least
  deliver(handover_.shreq(3), seconds(7));
  sent();
  EXPECT_EQ(last().decoded.number(Field::status), 104U);
  EXPECT_EQ(last().decoded.find(Field::sa_spi), nullptr);
}

TEST_F(PreviousRouterTest, SplitsManyContextsIntoSeveralShreps) {
  description_.sas.resize(1);
  description_.sas[0].repeat = 40;  // 40 x 79 octets
  Router router(description_, std::span(&role_, 1));
  Handover handover(description_, role_, 2, 9, counters_);
  const auto built = build(description_.codepoints, handover.keyring(), handover.shreq(1));
  router.receive(View(built.octets).subspan(ethernet_octets), 0);
  std::vector<std::uint64_t> spis;
  std::size_t messages = 0;
  for (const auto& datagram : router.take()) {
    ReceivedPacket received;
    inspector_.inspect(datagram, keys_, received);
    ++messages;
    EXPECT_TRUE(received.broken.empty()) << received.broken[0].reason();
    EXPECT_EQ(received.decoded.number(Field::identifier), 9U);
    for (const auto& item : received.decoded.fields) {
      if (item.field == Field::sa_spi) spis.push_back(item.number);
    }
  }
  EXPECT_EQ(messages, 2U);
  ASSERT_EQ(spis.size(), 40U);
  for (std::size_t i = 0; i < spis.size(); ++i) EXPECT_EQ(spis[i], 0x10000000 + 128 + i);
}

// wire-format.md D17: IPv4 between the routers, IPv6 towards the mobile nodes.
RouterDescription with_ipv4_routers() {
  auto yaml = built_in_yaml();
  yaml["address"] = "192.0.2.1";
  yaml["peer"] = "192.0.2.2";
  return read_description(yaml, "description");
}

class Ipv4RouterTest : public RouterTest {
 protected:
  Ipv4RouterTest() : RouterTest(Role::nr, with_ipv4_routers()) {}
};

TEST_F(Ipv4RouterTest, TransfersSasBetweenIpv4Routers) {
  deliver(handover_.shin(1), 0);
  ASSERT_EQ(sent(), Names{"shreq"});
  EXPECT_TRUE(last().datagram->v4);
  EXPECT_EQ(last().datagram->destination, description_.peer);
  handover_.answer(last().decoded);
  deliver(handover_.shrep(), milliseconds(5));
  ASSERT_EQ(sent(), (Names{"shrep-ack", "shak"}));
  EXPECT_TRUE(received_[received_.size() - 2].datagram->v4);
  EXPECT_FALSE(last().datagram->v4);
  EXPECT_FALSE(last().sas.empty());  // of the mobile node, with this router's IPv6 address
  EXPECT_EQ(status(), 200U);
  deliver(handover_.data({.echo = true, .after = true, .under = {1}, .remote = {}}),
          milliseconds(9));
  EXPECT_EQ(sent(), Names{"echo reply"});
}

TEST_F(Ipv4RouterTest, AnswersHiOverIpv4) {
  deliver(handover_.hi(), 0);
  ASSERT_EQ(sent(), Names{"hack"});
  EXPECT_TRUE(last().datagram->v4);
  deliver(handover_.shin(0), milliseconds(5));
  ASSERT_EQ(sent(), Names{"shak"});
  EXPECT_EQ(status(), 200U);
}

class Ipv4PreviousRouterTest : public RouterTest {
 protected:
  Ipv4PreviousRouterTest() : RouterTest(Role::pr, with_ipv4_routers()) {}
};

TEST_F(Ipv4PreviousRouterTest, TransfersSasBetweenIpv4Routers) {
  deliver(handover_.shreq(1), 0);
  ASSERT_EQ(sent(), Names{"shrep"});
  EXPECT_TRUE(last().datagram->v4);
  EXPECT_EQ(status(), 200U);
  deliver(handover_.pshin(), milliseconds(1));
  ASSERT_EQ(sent(), Names{"hi"});
  EXPECT_TRUE(last().datagram->v4);
  EXPECT_EQ(last().datagram->destination, description_.peer);
}

// wire-format.md section 4: the NR answers each message of a transfer.
class ManySasTest : public RouterTest {
 protected:
  static RouterDescription many_sas() {
    auto description = built_in_description();
    for (auto& sa : description.sas) sa.repeat = 12;
    return description;
  }
  ManySasTest() : RouterTest(Role::nr, many_sas()) {}

  std::vector<std::vector<Context>> parts(Message message) const {
    return handover_.parts(message, handover_.mobile_node().transferable());
  }
};

TEST_F(ManySasTest, AnswersEachShrepOfATransfer) {
  deliver(handover_.shin(1), 0);
  ASSERT_EQ(sent(), Names{"shreq"});
  handover_.answer(last().decoded);
  const auto all = parts(Message::shrep);
  ASSERT_GT(all.size(), 1U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    deliver(handover_.shrep(all[i]), milliseconds(1 + i));
    ASSERT_EQ(sent(), (Names{"shrep-ack", "shak"})) << i;
    EXPECT_EQ(status(), 200U);
    EXPECT_EQ(last().sas.at(0).spi, all[0][0].spi);  // always the first one to the mobile node
  }
  EXPECT_EQ(router_.statistics()[Count::installed], 48U);
}

TEST_F(ManySasTest, KeepsTheContextsOfAllHis) {
  const auto all = parts(Message::hi);
  ASSERT_GT(all.size(), 1U);
  for (const auto& part : all) {
    deliver(handover_.hi(part), 0);
    ASSERT_EQ(sent(), Names{"hack"});
  }
  deliver(handover_.shin(0), milliseconds(5));
  ASSERT_EQ(sent(), Names{"shak"});
  EXPECT_EQ(router_.statistics()[Count::installed], 48U);
}

TEST_F(RouterTest, InspectorReportsReplayAndWrongIcv) {
  deliver(handover_.shin(1), 0);
  auto datagrams = router_.take();
  ASSERT_EQ(datagrams.size(), 1U);
  ReceivedPacket first;
  inspector_.inspect(datagrams[0], keys_, first);
  EXPECT_TRUE(first.broken.empty());
  ReceivedPacket again;
  inspector_.inspect(datagrams[0], keys_, again);
  ASSERT_FALSE(again.broken.empty());
  EXPECT_EQ(again.broken[0].clause, "ROBUST-12");
  EXPECT_EQ(again.broken[0].field, "ah.sequence");
  datagrams[0].back() ^= 1;
  ReceivedPacket changed;
  inspector_.inspect(datagrams[0], keys_, changed);
  ASSERT_FALSE(changed.broken.empty());
  EXPECT_EQ(changed.broken[0].field, "ah.icv");
}

}  // namespace
}  // namespace secct::replay
