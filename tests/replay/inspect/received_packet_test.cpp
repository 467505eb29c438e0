// SPDX-License-Identifier: GPL-2.0-or-later
// Packets of a router as the tester sees them. tests/replay/inspect/message_rules_test.cpp tests
// the rules for single messages.
#include "replay/inspect/received_packet.hpp"

#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

class ReceivedPacketTest : public TesterFixture {
 protected:
  // `count` packets under the same SA, with the sequence numbers 1, 2, ...
  std::vector<Octets> packets(std::size_t count) {
    std::vector<Octets> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(datagram(handover_.shreq()));
    return all;
  }
  // The first rule that the packet violates.
  std::string violation(PacketInspector& inspector, const Octets& packet) const {
    ReceivedPacket received;
    inspector.inspect(packet, mobile_node_.keys(), received);
    return received.broken.empty() ? "" : received.broken[0].text;
  }
};

TEST_F(ReceivedPacketTest, AcceptsSequenceNumbersInAnyOrderButNoneTwice) {
  const auto all = packets(ReplayWindow::default_size + 2);
  PacketInspector inspector(description_.codepoints);
  for (const std::size_t i : {std::size_t{0}, all.size() - 1, std::size_t{2}, std::size_t{1}}) {
    EXPECT_EQ(violation(inspector, all[i]), "") << i;
  }
  EXPECT_EQ(violation(inspector, all[2]), "sequence number is used twice");
  EXPECT_EQ(violation(inspector, all[0]), "sequence number is used twice");
}

TEST_F(ReceivedPacketTest, RejectsSequenceNumberZero) {
  PacketInspector inspector(description_.codepoints);
  EXPECT_EQ(violation(inspector, datagram(edited(handover_.shreq(), {{"ah.sequence", "0"}}))),
            "sequence number is 0");
}

TEST_F(ReceivedPacketTest, ResetForgetsSequenceNumbers) {
  const auto all = packets(1);
  PacketInspector inspector(description_.codepoints);
  EXPECT_EQ(violation(inspector, all[0]), "");
  inspector.reset();
  EXPECT_EQ(violation(inspector, all[0]), "");
}

TEST_F(ReceivedPacketTest, ReportsPacketsThatCannotBeParsed) {
  PacketInspector inspector(description_.codepoints);
  EXPECT_EQ(violation(inspector, {1, 2, 3}), "packet is not a valid IP datagram");
}

TEST_F(ReceivedPacketTest, HasTheSasAndSequenceNumbersOfThePacket) {
  const auto packet = received(edited(handover_.shreq(), {{"ah.sequence", "9"}}));
  ASSERT_EQ(packet->sas.size(), 1U);
  EXPECT_EQ(packet->sas[0].spi, 0x1002U);
  EXPECT_EQ(packet->sequence_numbers.at(0), 9U);
  EXPECT_EQ(packet->name(), "shreq");
  EXPECT_EQ(packet->decoded.envelope.protection, Protection::ah);
  EXPECT_EQ(packet->datagram->find(ip_proto::ah), nullptr);
}

TEST_F(ReceivedPacketTest, RecognizesTheEchoReplyToTrafficOfTheMobileNode) {
  const TrafficStep echo;
  auto reply = datagram(mobile_node_.traffic(echo, 7));
  reply[ipv6_header_octets] = icmpv6_type::echo_reply;
  ReceivedPacket packet;
  PacketInspector(description_.codepoints).inspect(reply, mobile_node_.keys(), packet);
  EXPECT_EQ(packet.name(), "echo reply");
  EXPECT_TRUE(packet.answers(echo, handover_.identifier(), 7));
  EXPECT_FALSE(packet.answers(echo, handover_.identifier(), 8));
  const auto request = received(mobile_node_.traffic(echo, 7));
  EXPECT_FALSE(request->answers(echo, handover_.identifier(), 7));
}

TEST_F(ReceivedPacketTest, RecognizesTheUdpAnswerBySwappedPorts) {
  TrafficStep sent;
  sent.kind = TrafficStep::Kind::udp;
  sent.source_port = 5;
  sent.destination_port = 7;
  auto answer = sent;
  std::swap(answer.source_port, answer.destination_port);
  EXPECT_TRUE(received(mobile_node_.traffic(answer, 1))->answers(sent, 1, 1));
  EXPECT_FALSE(received(mobile_node_.traffic(sent, 1))->answers(sent, 1, 1));
}

TEST_F(ReceivedPacketTest, DecapsulatedRemovesLayersUpToTheFirstUnknownSa) {
  const auto packet = datagram(handover_.shreq());
  const auto inner = decapsulated(packet, mobile_node_.keys());
  EXPECT_EQ(parse_datagram(inner)->find(ip_proto::ah), nullptr);
  EXPECT_EQ(decapsulated(packet, Keyring{}), packet);
}

}  // namespace
}  // namespace secct::replay
