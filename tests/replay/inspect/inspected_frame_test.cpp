// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/inspected_frame.hpp"

#include <fmt/format.h>

#include "ipsec/ah.hpp"
#include "ipsec/crypto.hpp"
#include "tests/generator/support.hpp"
#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

using State = IpsecLayer::State;

class InspectedFrameTest : public TesterFixture {
 protected:
  SaFinder finder() const {
    return [this](IpsecProtocol protocol, std::uint32_t spi, const Address&,
                  const Address& destination) {
      return mobile_node_.keys().find(protocol, spi, destination);
    };
  }

  // The SHREQ of the NR under ESP.
  PacketDocument shreq_under_esp() {
    auto packet = handover_.shreq();
    drop_layer(packet, "ah");
    insert_layer(description_.codepoints, packet, "icmpv6", "esp: {esp.spi: 0x2002}");
    return packet;
  }

  static std::vector<Carrier> carriers(const InspectedFrame& frame) {
    std::vector<Carrier> list;
    for (const auto& message : frame.messages()) list.push_back(message.carrier);
    return list;
  }

  InspectedFrame frame_{finder()};
  InspectedFrame without_keys_{no_keys};
};

TEST_F(InspectedFrameTest, VerifiesAh) {
  const auto octets = datagram(edited(handover_.shreq(), {{"ah.sequence", "9"}}));
  frame_.inspect(octets);
  ASSERT_EQ(frame_.ipsec_layers().size(), 1U);
  const auto& layer = frame_.ipsec_layers()[0];
  EXPECT_EQ(layer.protocol, IpsecProtocol::ah);
  EXPECT_EQ(layer.state, State::good);
  EXPECT_TRUE(layer.has_key);
  EXPECT_EQ(layer.spi, 0x1002U);
  EXPECT_EQ(layer.sequence, 9U);
  EXPECT_EQ(layer.source, description_.address);
  EXPECT_EQ(layer.icv.size(), icv_octets);
  ASSERT_EQ(carriers(frame_), std::vector{Carrier::icmpv6});
  const auto& message = frame_.messages()[0];
  EXPECT_EQ(message.in.protection, Protection::ah);
  EXPECT_EQ(frame_.layer_around(message)->spi, 0x1002U);
  EXPECT_TRUE(frame_.stops().empty());
}

TEST_F(InspectedFrameTest, ReportsAWrongIcv) {
  auto octets = datagram(handover_.shreq());
  octets.back() ^= 1;
  frame_.inspect(octets);
  EXPECT_EQ(frame_.ipsec_layers().at(0).state, State::bad_icv);
  EXPECT_FALSE(frame_.messages().empty());
}

TEST_F(InspectedFrameTest, ReportsAhWithAWrongLength) {
  for (const std::uint8_t length : {0, 1, 3, 5, 255}) {
    auto octets = datagram(handover_.shreq());
    octets[ipv6_header_octets + 1] = length;
    frame_.inspect(octets);
    ASSERT_EQ(frame_.ipsec_layers().size(), 1U) << +length;
    EXPECT_EQ(frame_.ipsec_layers()[0].state, State::malformed) << +length;
  }
}

TEST_F(InspectedFrameTest, SkipsAhWithoutKey) {
  const auto octets = datagram(handover_.shreq());
  without_keys_.inspect(octets);
  EXPECT_EQ(without_keys_.ipsec_layers().at(0).state, State::unverified);
  EXPECT_FALSE(without_keys_.ipsec_layers()[0].has_key);
  EXPECT_FALSE(without_keys_.closed());
  EXPECT_EQ(carriers(without_keys_), std::vector{Carrier::icmpv6});
}

TEST_F(InspectedFrameTest, DecryptsEsp) {
  const auto octets = datagram(shreq_under_esp());
  frame_.inspect(octets);
  EXPECT_EQ(frame_.ipsec_layers().at(0).state, State::good);
  EXPECT_EQ(frame_.ipsec_layers()[0].iv.size(), iv_octets(Cipher::aes_cbc));
  EXPECT_FALSE(frame_.closed());
  ASSERT_EQ(carriers(frame_), std::vector{Carrier::icmpv6});
  const auto& message = frame_.messages()[0];
  EXPECT_EQ(message.in.protection, Protection::esp);
  EXPECT_FALSE(message.in.frame_offset);
  EXPECT_EQ(message.outermost, frame_.outermost());
  EXPECT_EQ(message.outermost->datagram.octets.size(), octets.size());
}

TEST_F(InspectedFrameTest, LeavesEspWithoutKeyClosed) {
  const auto octets = datagram(shreq_under_esp());
  without_keys_.inspect(octets);
  EXPECT_EQ(without_keys_.ipsec_layers().at(0).state, State::unverified);
  EXPECT_TRUE(without_keys_.closed());
  EXPECT_TRUE(without_keys_.messages().empty());
  EXPECT_EQ(without_keys_.stops().at(0).reason, Stop::Reason::encrypted);
}

TEST_F(InspectedFrameTest, LeavesEspWithAWrongIcvClosed) {
  auto octets = datagram(shreq_under_esp());
  octets.back() ^= 1;
  frame_.inspect(octets);
  EXPECT_EQ(frame_.ipsec_layers().at(0).state, State::bad_icv);
  EXPECT_TRUE(frame_.closed());
}

TEST_F(InspectedFrameTest, EntersTunnelsAndReportsTheOuterLayerFirst) {
  auto packet = handover_.shreq();
  insert_layer(description_.codepoints, packet, "ah", "esp: {esp.spi: 0x2002}");
  insert_layer(description_.codepoints, packet, "ah",
               "ipv6: {ipv6.src: \"2001:db8:2::1\", ipv6.dst: \"2001:db8:1::1\"}");
  const auto octets = datagram(packet);
  frame_.inspect(octets);
  ASSERT_EQ(frame_.ipsec_layers().size(), 2U);
  EXPECT_EQ(frame_.ipsec_layers()[0].protocol, IpsecProtocol::esp);
  EXPECT_EQ(frame_.ipsec_layers()[1].protocol, IpsecProtocol::ah);
  EXPECT_EQ(frame_.ipsec_layers()[1].state, State::good);
  ASSERT_EQ(carriers(frame_), std::vector{Carrier::icmpv6});
  EXPECT_EQ(frame_.layer_around(frame_.messages()[0])->spi, 0x1002U);
}

TEST_F(InspectedFrameTest, FindsDestinationOptionsAndMobileIpv4Extensions) {
  const auto shin = datagram(handover_.shin(1));
  frame_.inspect(shin);
  EXPECT_EQ(carriers(frame_), std::vector{Carrier::dstopt});
  EXPECT_TRUE(frame_.registration().empty());
  EXPECT_EQ(frame_.messages()[0].in.protection, Protection::none);
  const auto request = datagram(handover_.mip4_request());
  frame_.inspect(request);
  EXPECT_EQ(carriers(frame_).at(0), Carrier::mip4_request);
  ASSERT_FALSE(frame_.registration().empty());
  EXPECT_EQ(frame_.registration()[0], 1);  // Registration Request
}

TEST_F(InspectedFrameTest, DecodesWhatWasCaptured) {
  const auto octets = datagram(handover_.shreq());
  frame_.inspect(octets);
  DecodedMessage whole;
  ASSERT_TRUE(frame_.decode(description_.codepoints, frame_.messages().at(0), whole));
  EXPECT_TRUE(whole.envelope.complete);
  EXPECT_EQ(whole.envelope.source, description_.address);
  std::size_t fields = 0;
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto part = View(octets).first(size);
    frame_.inspect({LinkType::raw_ip, part, octets.size()});
    EXPECT_EQ(frame_.stops().at(0).reason, Stop::Reason::truncated) << size;
    for (const auto& layer : frame_.ipsec_layers()) EXPECT_EQ(layer.state, State::unverified);
    if (frame_.messages().empty()) continue;
    DecodedMessage decoded;
    ASSERT_TRUE(frame_.decode(description_.codepoints, frame_.messages()[0], decoded));
    EXPECT_EQ(decoded.message, Message::shreq);
    EXPECT_FALSE(decoded.envelope.complete);
    EXPECT_TRUE(decoded.problems.empty()) << size;
    EXPECT_GE(decoded.fields.size(), fields);
    fields = decoded.fields.size();
  }
  EXPECT_GT(fields, 10U);
}

TEST_F(InspectedFrameTest, TruncatedEspIsClosed) {
  const auto octets = datagram(shreq_under_esp());
  const auto part = View(octets).first(octets.size() - 1);
  frame_.inspect({LinkType::raw_ip, part, octets.size()});
  EXPECT_TRUE(frame_.closed());
  EXPECT_EQ(frame_.ipsec_layers().at(0).state, State::unverified);
}

TEST_F(InspectedFrameTest, VerifiesAhInAnIpv4DatagramWithLength0) {
  auto octets = generator::test::built(
      "layers: [{ip: {ip.src: 192.0.2.1, ip.dst: 192.0.2.2}}, "
      "{ah: {ah.spi: 0x1002, ah.sequence: 1, ah.icv: 0x000000000000000000000000}}, {udp: {}}]");
  Sa sa = *mobile_node_.keys().find(IpsecProtocol::ah, 0x1002, description_.peer);
  InspectedFrame frame([&](const auto&...) { return &sa; });
  const auto seal = [&](const Octets& whole) {
    auto sealed = whole;
    const auto icv = ah_icv(whole, ipv4_header_octets, sa);
    std::ranges::copy(icv, sealed.begin() + ipv4_header_octets + ah_fixed_octets);
    return sealed;
  };
  octets = seal(octets);
  octets[2] = octets[3] = 0;
  frame.inspect(octets);
  EXPECT_EQ(frame.ipsec_layers().at(0).state, State::good);
}

TEST_F(InspectedFrameTest, IgnoresQuotedPackets) {
  const auto shreq = datagram(handover_.shreq());
  auto error = generator::test::octets(
      "60000000 0000 3a40 20010db8000200000000000000000009 20010db8000200000000000000000001"
      "0100000000000000");
  append(error, shreq);
  error[4] = static_cast<std::uint8_t>((shreq.size() + 8) >> 8);
  error[5] = static_cast<std::uint8_t>(shreq.size() + 8);
  frame_.inspect(error);
  ASSERT_EQ(frame_.messages().size(), 1U);  // the error itself
  EXPECT_FALSE(is_secct(description_.codepoints, frame_.messages()[0]));
  EXPECT_TRUE(frame_.ipsec_layers().empty());
  EXPECT_TRUE(frame_.stops().empty());
  EXPECT_EQ(frame_.innermost()->depth, 0U);
}

TEST_F(InspectedFrameTest, ForgetsThePreviousFrame) {
  const auto esp = datagram(shreq_under_esp());
  const auto shin = datagram(handover_.shin(1));
  without_keys_.inspect(esp);
  without_keys_.inspect(shin);
  EXPECT_TRUE(without_keys_.ipsec_layers().empty());
  EXPECT_FALSE(without_keys_.closed());
  EXPECT_TRUE(without_keys_.stops().empty());
  without_keys_.inspect(Octets{1, 2, 3});
  EXPECT_EQ(without_keys_.innermost(), nullptr);
  EXPECT_EQ(without_keys_.outermost(), nullptr);
  EXPECT_TRUE(without_keys_.messages().empty());
}

std::string name(const FoundMessage& message) {
  constexpr const char* names[] = {"icmpv6", "dstopt", "mip4-request", "mip4-reply"};
  const auto& at = message.frame_offset;
  auto text = fmt::format("{}@{}+{}", names[static_cast<std::size_t>(message.carrier)],
                          at ? std::to_string(*at) : "-", message.octets.size());
  return message.missing > 0 ? text + fmt::format("-{}", message.missing) : text;
}

// Frames with all link layers and tunnels (tests/network/make_frames.py).
TEST(InspectedFrameSamples, HaveTheSameMessages) {
  Sa null;
  null.protocol = IpsecProtocol::esp;
  constexpr std::uint32_t null_spi = 0x1000;
  Reassembler reassembler;
  InspectedFrame frame([&](IpsecProtocol, std::uint32_t spi,
                           const auto&...) { return spi == null_spi ? &null : nullptr; },
                       &reassembler);
  std::size_t samples = 0;
  for (const auto& row : generator::test::read_table("tests/vectors/frames.list")) {
    const auto octets = generator::test::table_octets(row.at(2));
    std::vector<std::string> expected;
    for (auto result = row.begin() + 3; result != row.end(); ++result) {
      const bool is_message = !result->starts_with("stop:") && !result->starts_with("quoted:") &&
                              !result->starts_with("hopopt");
      if (is_message) expected.push_back(*result);
    }
    frame.inspect({static_cast<LinkType>(std::stoi(row.at(1))), octets, octets.size()});
    std::vector<std::string> found;
    for (const auto& message : frame.messages()) found.push_back(name(message));
    EXPECT_EQ(found, expected) << row.at(0);
    ++samples;
  }
  EXPECT_GE(samples, 60U);
}

}  // namespace
}  // namespace secct::replay
