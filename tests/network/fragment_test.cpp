// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/fragment.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "network/datagram.hpp"

namespace secct::network {
namespace {

Octets hex(std::string_view text) {
  Octets octets;
  EXPECT_TRUE(parse_hex(text, octets)) << text;
  return octets;
}

constexpr std::uint64_t second = 1'000'000'000;

// IPv6, next header ICMPv6, `body` octets that count up.
Octets v6_datagram(std::size_t body) {
  auto octets =
      hex("60000000 0000 3a ff 20010db8000100000000000000000001 20010db8000200000000000000000001");
  octets[4] = static_cast<std::uint8_t>(body >> 8);
  octets[5] = static_cast<std::uint8_t>(body);
  for (std::size_t i = 0; i < body; ++i) octets.push_back(static_cast<std::uint8_t>(i));
  return octets;
}

TEST(Fragment, WhatFitsStaysWhole) {
  const auto datagram = v6_datagram(100);
  EXPECT_EQ(fragmented(datagram, 140, 1), std::vector<Octets>(1, datagram));
}

TEST(Fragment, V6ByHand) {
  // MTU 64: 40 octets of header, 8 of the Fragment header, 16 of data.
  const auto fragments = fragmented(v6_datagram(20), 64, 0x01020304);
  ASSERT_EQ(fragments.size(), 1U);  // 60 octets fit
  const auto cut = fragmented(v6_datagram(26), 64, 0x01020304);
  ASSERT_EQ(cut.size(), 2U);
  const std::string ends = "20010db8000100000000000000000001 20010db8000200000000000000000001";
  EXPECT_EQ(cut[0], hex("60000000 0018 2c ff " + ends +
                        "3a 00 0001 01020304 000102030405060708090a0b0c0d0e0f"));
  EXPECT_EQ(cut[1],
            hex("60000000 0012 2c ff " + ends + "3a 00 0010 01020304 10111213141516171819"));
}

TEST(Fragment, V4ByHand) {
  // 24 octets of data, MTU 36: 16 and 8. Header checksums worked out by hand.
  const auto datagram =
      hex("4500002c 00000000 40110000 c0000201 c0000202 "
          "000102030405060708090a0b0c0d0e0f1011121314151617");
  const auto cut = fragmented(datagram, 36, 0xabcd);
  ASSERT_EQ(cut.size(), 2U);
  EXPECT_EQ(to_hex(View(cut[0]).first(10)), "45000024abcd20004011");
  EXPECT_EQ(to_hex(View(cut[1]).first(10)), "4500001cabcd00024011");
  for (const auto& fragment : cut) {  // RFC 1071: with its checksum a header sums up to ffff
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < 20; i += 2) {
      sum += static_cast<std::uint32_t>(big_endian(View(fragment).subspan(i, 2)));
    }
    EXPECT_EQ((sum & 0xffff) + (sum >> 16), 0xffffU);
  }
}

TEST(Fragment, AnyOrderComesTogether) {
  const auto whole = v6_datagram(1000);
  auto fragments = fragmented(whole, 200, 7);
  ASSERT_GT(fragments.size(), 5U);
  for (const bool reversed : {false, true}) {
    if (reversed) std::ranges::reverse(fragments);
    Reassembler reassembler;
    for (std::size_t i = 0; i + 1 < fragments.size(); ++i) {
      EXPECT_FALSE(reassembler.add(fragments[i], second));
      EXPECT_FALSE(reassembler.add(fragments[i], second));  // twice does no harm
    }
    const auto again = reassembler.add(fragments.back(), second);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, whole);
    EXPECT_EQ(reassembler.open(), 0U);
  }
}

TEST(Fragment, NoFragmentPassesThrough) {
  Reassembler reassembler;
  EXPECT_EQ(reassembler.add(v6_datagram(30), 0), v6_datagram(30));
  EXPECT_EQ(reassembler.add(hex("00"), 0), hex("00"));
}

TEST(Fragment, TheOnlyFragmentOfADatagramLosesItsHeader) {
  const auto whole = v6_datagram(16);
  auto atomic = whole;  // RFC 6946: offset 0, nothing more follows
  const auto header = hex("3a 00 0000 01020304");
  atomic.insert(atomic.begin() + ipv6_header_octets, header.begin(), header.end());
  atomic[5] += 8;
  atomic[6] = ip_proto::fragment;
  Reassembler reassembler;
  EXPECT_EQ(reassembler.add(atomic, 0), whole);
  EXPECT_EQ(reassembler.open(), 0U);
}

TEST(Fragment, OverlapIsDropped) {
  auto fragments = fragmented(v6_datagram(64), 40 + 8 + 32, 7);
  ASSERT_EQ(fragments.size(), 2U);
  auto overlap = fragments[1];
  overlap[40 + 3] = 8;  // at octet 8, the last one
  Reassembler reassembler;
  EXPECT_FALSE(reassembler.add(fragments[0], 0));
  EXPECT_FALSE(reassembler.add(overlap, 0));
  EXPECT_EQ(reassembler.open(), 0U);
  EXPECT_FALSE(reassembler.add(fragments[1], 0));  // alone again
}

TEST(Fragment, MemoryIsBoundedAndOldOnesGo) {
  Reassembler reassembler;
  auto fragment = fragmented(v6_datagram(64), 80, 0)[0];
  for (std::uint32_t id = 0; id < 2000; ++id) {
    for (int i = 0; i < 4; ++i) {
      fragment[44 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(id >> (24 - 8 * i));
    }
    EXPECT_FALSE(reassembler.add(fragment, id));
  }
  EXPECT_LE(reassembler.open(), 256U);
  EXPECT_FALSE(reassembler.add(fragmented(v6_datagram(64), 80, 99999)[0], 61 * second));
  EXPECT_EQ(reassembler.open(), 1U);
}

}  // namespace
}  // namespace secct::network
