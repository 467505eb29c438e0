// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/message_history.hpp"

#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

class MessageHistoryTest : public TesterFixture {
 protected:
  MessageHistoryTest() : TesterFixture(Role::pr) {}

  void add(const ReceivedPacket& packet, std::size_t packets_sent) {
    history_.add({packet.message().begin(), packet.message().end()}, packets_sent, packet.decoded);
  }

  MessageHistory history_;
};

TEST_F(MessageHistoryTest, FindsTheLastCopyOfAMessage) {
  const auto shrep = received(handover_.shrep());
  EXPECT_FALSE(history_.contains(shrep->message()));
  EXPECT_EQ(history_.packets_sent_before(shrep->message()), std::nullopt);
  add(*shrep, 1);
  add(*shrep, 3);
  EXPECT_TRUE(history_.contains(shrep->message()));
  EXPECT_EQ(history_.packets_sent_before(shrep->message()), 3U);
}

TEST_F(MessageHistoryTest, RecognizesFurtherContextsOfATransfer) {
  const auto& sas = mobile_node_.transferable();
  add(*received(handover_.shrep({sas[0]})), 1);
  EXPECT_TRUE(history_.continues_transfer(received(handover_.shrep({sas[1]}))->decoded));
  const auto other = edited(handover_.shrep({sas[1]}), {{"secct.identifier", "99"}});
  EXPECT_FALSE(history_.continues_transfer(received(other)->decoded));
}

TEST_F(MessageHistoryTest, CountsTheMessagesOfATransfer) {
  EXPECT_EQ(history_.messages_of_last_transfer(Message::shrep), 1U);
  const auto& sas = mobile_node_.transferable();
  const auto first = received(handover_.shrep({sas[0]}));
  add(*first, 1);
  add(*received(handover_.shrep({sas[1]})), 1);
  add(*first, 2);  // a repetition
  add(*received(handover_.hi({sas[0]})), 3);
  EXPECT_EQ(history_.messages_of_last_transfer(Message::shrep), 2U);
  EXPECT_EQ(history_.messages_of_last_transfer(Message::hi), 1U);
  add(*received(handover_.shrep_status()), 4);
  EXPECT_EQ(history_.messages_of_last_transfer(Message::shrep), 1U);
}

// In any order, because the network may reorder them.
TEST_F(MessageHistoryTest, KnowsWhichMessagesCompleteARetransmission) {
  const auto& sas = mobile_node_.transferable();
  const auto first = received(handover_.shrep({sas[0]}));
  const auto second = received(handover_.shrep({sas[1]}));
  for (const auto& [earlier, later] :
       {std::pair(first.get(), second.get()), {second.get(), first.get()}}) {
    add(*earlier, 1);
    add(*later, 1);
    EXPECT_FALSE(history_.completes_retransmission(earlier->message()));
    EXPECT_FALSE(history_.completes_retransmission(later->message()));
    add(*earlier, 1);
    EXPECT_FALSE(history_.completes_retransmission(earlier->message()));
    EXPECT_TRUE(history_.completes_retransmission(later->message()));
    add(*later, 1);
  }
  const auto other = received(edited(handover_.shrep({sas[1]}), {{"secct.identifier", "99"}}));
  add(*other, 1);
  EXPECT_FALSE(history_.completes_retransmission(other->message()));
}

TEST_F(MessageHistoryTest, IgnoresMessagesWithoutContextsOrWithAnError) {
  const auto& sas = mobile_node_.transferable();
  EXPECT_FALSE(transfer_of(received(handover_.shrep({sas[0]}))->decoded).empty());
  EXPECT_TRUE(transfer_of(received(handover_.shrep_status())->decoded).empty());
  const auto refused = edited(handover_.shrep({sas[0]}), {{"secct.status", "102"}});
  EXPECT_TRUE(transfer_of(received(refused)->decoded).empty());
}

}  // namespace
}  // namespace secct::replay
