// SPDX-License-Identifier: GPL-2.0-or-later
// Parsing of the header chain and the link layer, also of malformed packets.
#include "network/datagram.hpp"

#include <gtest/gtest.h>

#include "protocol/checksum.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

// An IPv6 header from ::1 to ::2, followed by `payload`.
Octets v6(std::uint8_t next, std::string_view payload) {
  Octets packet_octets{0x60, 0, 0, 0, 0, 0, next, 64};
  packet_octets.resize(40);
  packet_octets[23] = 1;
  packet_octets[39] = 2;
  append(packet_octets, octets(payload));
  packet_octets[5] = static_cast<std::uint8_t>(packet_octets.size() - 40);
  return packet_octets;
}

std::vector<unsigned> types(const Datagram& datagram) {
  std::vector<unsigned> list;
  for (const auto& header : datagram.chain) list.push_back(header.type);
  return list;
}

TEST(Datagram, ListsAllHeadersInOrder) {
  // hop-by-hop, destination options (16 octets), routing, AH (24 octets), fragment 0 without more,
  // ICMPv6
  const auto packet_octets = v6(0,
                                "3c00010400000000"
                                "2b01010c000000000000000000000000"
                                "3300000000000000"
                                "2c04000000001001 00000001 000102030405060708090a0b"
                                "3a00000000000000"
                                "cc0012340007");
  const auto found = parse_datagram(packet_octets);
  ASSERT_TRUE(found);
  EXPECT_EQ(types(*found), (std::vector<unsigned>{0, 60, 43, 51, 44, 58}));
  EXPECT_EQ(found->chain[3].offset, 40U + 8 + 16 + 8);
  EXPECT_EQ(found->chain[3].length, 24U);
  EXPECT_EQ(to_hex(found->octets_of(found->chain[5])), "cc0012340007");
  EXPECT_FALSE(found->is_fragment);
  EXPECT_EQ(found->protection(), Protection::ah);
  EXPECT_EQ(found->source, address("::1"));
  EXPECT_EQ(found->destination, address("::2"));
  EXPECT_EQ(found->hop_limit, 64);
}

TEST(Datagram, ChainEndsWithFragmentHeader) {
  for (const auto* fragment : {"3a00000100000001", "3a00000800000001"}) {  // more; offset 1
    const auto packet_octets = v6(44, std::string(fragment) + "cc001234");
    const auto found = parse_datagram(packet_octets);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->is_fragment);
    EXPECT_EQ(types(*found), std::vector<unsigned>{44});
  }
}

TEST(Datagram, ChainEndsWithEsp) {
  const auto packet_octets = v6(50, "0000100000000001aabb");
  const auto found = parse_datagram(packet_octets);
  ASSERT_TRUE(found);
  EXPECT_EQ(types(*found), std::vector<unsigned>{50});
  EXPECT_EQ(found->chain[0].length, 10U);
  EXPECT_EQ(found->protection(), Protection::esp);
}

TEST(Datagram, NoNextHeaderIsListedOnlyWithOctets) {
  const auto bare = v6(59, "");
  EXPECT_TRUE(parse_datagram(bare)->chain.empty());
  const auto trailing = v6(59, "aa");
  EXPECT_EQ(types(*parse_datagram(trailing)), std::vector<unsigned>{59});
}

TEST(Datagram, OmitsOctetsAfterTheDatagram) {
  auto packet_octets = v6(58, "cc001234");
  packet_octets.push_back(0xee);
  EXPECT_EQ(parse_datagram(packet_octets)->octets.size(), 44U);
}

TEST(Datagram, ParsesIpv4) {
  auto packet_octets = octets("45000018000100004033 0000 0a010001 c0000201 aabbccdd");
  packet_octets[9] = 58;
  const auto found = parse_datagram(packet_octets);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->v4);
  EXPECT_EQ(found->source, address("10.1.0.1"));
  EXPECT_EQ(types(*found), std::vector<unsigned>{58});
  packet_octets[6] = 0x20;  // more fragments
  EXPECT_TRUE(parse_datagram(packet_octets)->is_fragment);
  packet_octets[6] = 0x40;  // Don't Fragment
  EXPECT_FALSE(parse_datagram(packet_octets)->is_fragment);
  packet_octets[0] = 0x46;  // 4 octets of options
  EXPECT_EQ(parse_datagram(packet_octets)->chain[0].length, 0U);
  packet_octets[0] = 0x44;
  EXPECT_FALSE(parse_datagram(packet_octets));
  packet_octets[0] = 0x45;
  packet_octets[3] = 19;  // shorter than its header
  EXPECT_FALSE(parse_datagram(packet_octets));
}

TEST(Datagram, RejectsHeaderBeyondTheEnd) {
  EXPECT_FALSE(parse_datagram({}));
  EXPECT_FALSE(parse_datagram(octets("50")));
  EXPECT_FALSE(parse_datagram(v6(60, "3a01010400000000")));  // length 16, but 8 octets
  EXPECT_FALSE(parse_datagram(v6(60, "3a000104")));
  EXPECT_FALSE(parse_datagram(v6(51, "3a00000000001001")));  // AH shorter than its fixed part
  auto longer = v6(58, "cc001234");
  longer[5] = 5;
  EXPECT_FALSE(parse_datagram(longer));
}

TEST(Datagram, RejectsLongChain) {
  std::string options;
  for (int i = 0; i < 30; ++i) options += "3c00010400000000";
  EXPECT_TRUE(parse_datagram(v6(60, options + "3a00010400000000")));
  options += options;
  EXPECT_FALSE(parse_datagram(v6(60, options)));
}

TEST(Datagram, ParsesPartialDatagram) {
  auto truncated = v6(60, "3a01010400000000");  // length 16, but 8 octets
  auto found = parse_partial_datagram(truncated);
  ASSERT_TRUE(found);
  EXPECT_EQ(types(*found), std::vector<unsigned>{60});
  EXPECT_EQ(found->chain[0].length, 8U);
  auto longer = v6(58, "cc001234");
  longer[5] = 200;
  found = parse_partial_datagram(longer);
  ASSERT_TRUE(found);
  EXPECT_EQ(to_hex(found->octets_of(found->chain[0])), "cc001234");
  EXPECT_FALSE(parse_partial_datagram(View(longer).first(39)));
}

TEST(IpAddresses, NeedOnlyTheFixedHeader) {
  const auto found = ip_addresses(v6(60, "3aff"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, address("::1"));
  EXPECT_EQ(found->destination, address("::2"));
  const auto v4 = octets("4f00ffff000000000000 0000 0a010001 c0000201");
  EXPECT_EQ(ip_addresses(v4)->destination, address("192.0.2.1"));
  EXPECT_FALSE(ip_addresses(View(v4).first(19)));
  EXPECT_FALSE(ip_addresses(octets("50")));
  EXPECT_FALSE(ip_addresses({}));
}

TEST(NetworkOffset, SkipsLinkLayerAndVlanTags) {
  const std::string macs = "020000000002020000000001";
  EXPECT_EQ(network_offset(LinkType::ethernet, octets(macs + "86dd")), 14U);
  EXPECT_EQ(network_offset(LinkType::ethernet, octets(macs + "88a800018100000286dd")), 22U);
  EXPECT_EQ(network_offset(LinkType::sll, octets("00000001000600000000000000000800")), 16U);
  EXPECT_EQ(network_offset(LinkType::null, octets("1e000000")), 4U);
  EXPECT_EQ(network_offset(LinkType::raw_ip, {}), 0U);
}

TEST(NetworkOffset, RejectsOtherProtocolsAndTruncation) {
  const std::string macs = "020000000002020000000001";
  EXPECT_FALSE(network_offset(LinkType::ethernet, octets(macs + "0806")));
  EXPECT_FALSE(network_offset(LinkType::ethernet, octets(macs + "81000001")));
  EXPECT_FALSE(network_offset(LinkType::ethernet, octets(macs)));
  EXPECT_FALSE(network_offset(LinkType::null, octets("1e0000")));
  constexpr auto unsupported = static_cast<LinkType>(20);
  EXPECT_FALSE(network_offset(unsupported, octets("6000")));
}

TEST(UpdateIpLength, WritesLengthAndIpv4Checksum) {
  auto datagram = v6(58, "cc001234");
  datagram.push_back(0);
  update_ip_length(datagram);
  EXPECT_EQ(to_hex(View(datagram).subspan(4, 2)), "0005");
  auto v4 = octets("46000000000100004011ffff0a010001c000020194040000aabbccdd");
  update_ip_length(v4);
  EXPECT_EQ(to_hex(View(v4).subspan(2, 2)), "001c");
  EXPECT_EQ(internet_checksum(sum_of(View(v4).first(24))), 0);
}

TEST(UdpChecksum, IsZeroForCorrectDatagram) {
  const auto source = address("2001:db8::1");
  const auto destination = address("2001:db8::2");
  auto udp = octets("0fa00007000a 0000 0102");
  const auto checksum = udp_checksum(source, destination, false, udp);
  udp[6] = static_cast<std::uint8_t>(checksum >> 8);
  udp[7] = static_cast<std::uint8_t>(checksum);
  EXPECT_EQ(udp_checksum(source, destination, false, udp), 0);
  udp[9] ^= 1;
  EXPECT_NE(udp_checksum(source, destination, false, udp), 0);
}

TEST(HeaderOptions, ListsPadding) {
  const auto header = octets("3a01 00 1e02aabb 0100 0103000000 00");
  std::vector<std::pair<unsigned, unsigned>> found;
  for (const auto& option : parse_header_options(header)) {
    found.emplace_back(option.offset, option.length);
  }
  EXPECT_EQ(found,
            (std::vector<std::pair<unsigned, unsigned>>{{2, 1}, {3, 4}, {7, 2}, {9, 5}, {14, 1}}));
}

TEST(HeaderOptions, RejectsOptionBeyondTheEnd) {
  EXPECT_TRUE(parse_header_options(octets("3a00 00 1e04aabbcc")).empty());
  EXPECT_TRUE(parse_header_options(octets("3a00 0103000000 1e")).empty());
  EXPECT_TRUE(parse_header_options({}).empty());
}

TEST(Datagram, RandomOctetsStayInBounds) {
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    Octets packet_octets(below(random, 120));
    for (auto& octet : packet_octets) octet = static_cast<std::uint8_t>(random());
    if (!packet_octets.empty()) packet_octets[0] = (random() & 1) != 0 ? 0x60 : 0x45;
    if (packet_octets.size() > 6) {
      packet_octets[2] = packet_octets[4] = 0;
      packet_octets[6] =
          static_cast<std::uint8_t>(std::array{0, 60, 43, 51, 44, 50, 58}[random() % 7]);
    }
    const auto found = parse_datagram(packet_octets);
    if (!found) continue;
    for (const auto& header : found->chain) {
      ASSERT_LE(header.offset + header.length, found->octets.size());
      static_cast<void>(parse_header_options(found->octets_of(header)));
    }
  }
}

}  // namespace
}  // namespace secct::generator::test
