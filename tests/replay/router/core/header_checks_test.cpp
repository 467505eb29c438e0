// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/core/header_checks.hpp"

#include "generator/document/edit.hpp"
#include "tests/replay/router/router_fixture.hpp"

namespace secct::replay {
namespace {

class HeaderChecks : public RouterFixture {
 protected:
  // A SHIN after a destination option of this type.
  PacketDocument after_option(std::uint8_t type) {
    auto packet = handover_.shin(1);
    Layer header{.kind = LayerKind::dstopts, .fields = {}, .elements = {}};
    auto& option = header.elements.emplace_back();
    option.type = type;
    option.data = {0};
    packet.layers.insert(packet.layers.begin() + 2, std::move(header));
    return packet;
  }
};

TEST_F(HeaderChecks, SkipsUnknownOptionWithActionSkip) {
  deliver(after_option(0x3d), 0);
  EXPECT_EQ(sent(), Names{"shreq"});
}

TEST_F(HeaderChecks, DiscardsSilentlyOnUnknownOptionWithActionDiscard) {
  deliver(after_option(0x5d), 0);
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(router_.statistics()[Count::unknown_options], 1U);
}

TEST_F(HeaderChecks, SendsParameterProblemForUnknownOptionWithActionReport) {
  for (const std::uint8_t type : {0x9d, 0xdd}) {
    const auto packet = datagram(after_option(type));
    router_.receive(packet, 0);
    const auto answers = router_.take();
    ASSERT_EQ(answers.size(), 1U);
    const auto answer = parse_datagram(answers[0]);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->destination, handover_.mobile_node().naddr);
    const auto* icmpv6 = answer->find(ip_proto::icmpv6);
    ASSERT_NE(icmpv6, nullptr);
    const auto message = answer->octets_of(*icmpv6);
    EXPECT_EQ(message[0], 4);  // RFC 2463 3.4: Parameter Problem
    EXPECT_EQ(message[1], 2);  // unrecognized IPv6 option
    // The pointer is an offset in the quoted packet.
    EXPECT_EQ(message[8 + big_endian(message.subspan(4, 4))], type);
    EXPECT_TRUE(std::ranges::equal(message.subspan(8), packet));
  }
}

TEST_F(HeaderChecks, RejectsWrongIpv4AndUdpChecksums) {
  const auto header = [](std::uint8_t last) {
    return Octets{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0xf6, last, 192, 0, 2, 1, 192, 0, 2, 2};
  };
  // 4500 + 001c + 4011 + c000 + 0201 + c000 + 0202 = 20930; with the carry 0932; complement f6cd.
  EXPECT_TRUE(has_valid_ip_header(header(0xcd)));
  EXPECT_FALSE(has_valid_ip_header(header(0xce)));
  EXPECT_FALSE(has_valid_ip_header(Octets{0x4f, 0, 0, 4}));  // header length exceeds the datagram
  EXPECT_TRUE(has_valid_ip_header(Octets{0x60}));

  auto octets = header(0xcd);
  append(octets, Octets{0, 7, 0, 7, 0, 8, 0, 0});
  const auto datagram = parse_datagram(octets);
  ASSERT_TRUE(datagram);
  const auto udp = [&](std::uint8_t length, std::uint16_t sum) {
    return has_valid_udp_header(*datagram,
                                Octets{0, 7, 0, 7, 0, length, static_cast<std::uint8_t>(sum >> 8),
                                       static_cast<std::uint8_t>(sum)});
  };
  // c000 + 0201 + c000 + 0202 + 0011 + 0008 + 0007 + 0007 + 0008 = 18432, after the carry 8433.
  EXPECT_TRUE(udp(8, 0x7bcc));
  EXPECT_FALSE(udp(8, 0x7bcd));
  EXPECT_FALSE(udp(9, 0x7bcb));  // length exceeds the datagram
  EXPECT_TRUE(udp(8, 0));        // no checksum
}

}  // namespace
}  // namespace secct::replay
