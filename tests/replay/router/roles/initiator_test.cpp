// SPDX-License-Identifier: GPL-2.0-or-later
// Handovers that the previous router initiates.
#include <gmock/gmock.h>

#include "generator/document/edit.hpp"
#include "tests/replay/router/router_fixture.hpp"

namespace secct::replay {
namespace {

class InitiatorTest : public RouterFixture {
 protected:
  InitiatorTest() : RouterFixture(Role::pr) {}
  std::uint64_t number(Field field) const { return last().decoded.number(field).value_or(999); }
};

TEST_F(InitiatorTest, RetransmitsHiAfterPShinUntilRetriesEnd) {
  deliver(handover_.pshin(), 0);
  ASSERT_EQ(sent(), Names{"hi"});
  EXPECT_EQ(number(Field::auth_replay), 0U);
  EXPECT_EQ(number(Field::auth_status), 999U);
  const auto first = Octets(last().decoded.octets.begin(), last().decoded.octets.end());
  deliver(handover_.pshin(), milliseconds(10));
  EXPECT_TRUE(sent().empty());  // the HI awaits its HAck
  for (unsigned i = 1; i <= 4; ++i) {
    router_.advance(milliseconds(100) * i);
    ASSERT_EQ(sent(), Names{"hi"}) << i;
    EXPECT_TRUE(std::ranges::equal(first, last().decoded.octets));
  }
  router_.advance(milliseconds(600));
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(router_.statistics()[Count::given_up], 1U);
  EXPECT_EQ(router_.deadline(), std::nullopt);
}

TEST_F(InitiatorTest, HackEndsRetransmission) {
  deliver(handover_.pshin(), 0);
  ASSERT_EQ(sent(), Names{"hi"});
  handover_.set_reply_identifier(static_cast<std::uint16_t>(number(Field::identifier)));
  deliver(handover_.hack(), milliseconds(20));
  router_.advance(seconds(1));
  EXPECT_TRUE(sent().empty());
}

TEST_F(InitiatorTest, UShrepCarriesCurrentSequenceNumbers) {
  deliver(handover_.pshin(), 0);
  ASSERT_EQ(sent(), Names{"hi"});
  std::vector<std::uint64_t> sequences;
  for (const auto& item : last().decoded.fields) {
    if (item.field == Field::sa_sequence) sequences.push_back(item.number);
  }
  // The P-SHIN used the next sequence number of the second SA.
  EXPECT_EQ(sequences, (std::vector<std::uint64_t>{100, 201, 300, 400}));
}

TEST_F(InitiatorTest, DiscardsPShinWithoutAh) {
  auto packet = handover_.pshin();
  drop_layer(packet, "ah");
  deliver(packet, 0);
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(router_.statistics()[Count::discarded], 1U);
}

TEST_F(InitiatorTest, TriggerRequestsAnAddress) {
  EXPECT_FALSE(router_.trigger(0, 0));
  EXPECT_FALSE(router_.trigger(description_.mobile_node_count + 1, 0));
  EXPECT_TRUE(router_.trigger(1, 0));
  ASSERT_EQ(sent(), Names{"hi"});
  EXPECT_EQ(number(Field::flag_s), 1U);
  EXPECT_EQ(last().decoded.address(*last().decoded.find(Field::naddr)), Address{});
}

TEST_F(InitiatorTest, AnswersShreqWithAnotherNaddrThanThePendingHiWith104) {
  deliver(handover_.pshin(), 0);
  sent();
  auto packet = handover_.shreq(1);
  set_field(description_.codepoints, packet, "secct.naddr", "2001:db8:20::77");
  deliver(packet, milliseconds(1));
  ASSERT_EQ(sent(), Names{"shrep"});
  EXPECT_EQ(status(), 104U);
}

// wire-format D23: the later SHIN has the SecCT-req R1 that the P-SHIN does not have.
TEST_F(InitiatorTest, PShinWithoutRequestAsksForAllSas) {
  auto packet = handover_.pshin();
  remove_field(packet, "sub_options#1");
  deliver(packet, 0);
  ASSERT_EQ(sent(), Names{"hi"});
  EXPECT_EQ(std::ranges::count(last().decoded.fields, Field::contexts, &DecodedField::field), 4);
  const auto& shin = decoded(handover_.shin(0));
  EXPECT_EQ(number(Field::auth_replay), 0U);
  EXPECT_EQ(received_[received_.size() - 2].decoded.number(Field::auth_token),
            shin.number(Field::auth_token));
}

TEST_F(InitiatorTest, TwoRequestsOfAPShinAreOneRequest) {
  auto packet = handover_.pshin();
  repeat_entry(packet, "sub_options#1");
  set_field(description_.codepoints, packet, "secct.req.spt#1", "3");
  set_field(description_.codepoints, packet, "secct.req.protocol#1", "1");
  set_field(description_.codepoints, packet, "secct.req.spi#1", "0x30000042");
  deliver(packet, 0);
  ASSERT_EQ(sent(), Names{"hi"});
  std::vector<std::uint64_t> spis;
  for (const auto& field : last().decoded.fields) {
    if (field.field == Field::sa_spi) spis.push_back(field.number);
  }
  EXPECT_THAT(spis, testing::ElementsAre(0x30000042, 0x10000040, 0x20000041, 0x40000043));
}

TEST_F(InitiatorTest, ResetRestoresPurgedContexts) {
  deliver(handover_.shreq(1), 0);
  sent();
  EXPECT_EQ(status(), 200U);
  deliver(handover_.shreq(2), seconds(20));
  sent();
  EXPECT_EQ(status(), 104U);  // purged
  router_.reset();
  deliver(handover_.shreq(3), seconds(21));
  sent();
  EXPECT_EQ(status(), 200U);
}

}  // namespace
}  // namespace secct::replay
