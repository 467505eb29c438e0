// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/fragment.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "network/datagram.hpp"
#include "protocol/checksum.hpp"

namespace secct::network {
namespace {

Octets hex(std::string_view text) {
  Octets octets;
  EXPECT_TRUE(parse_hex(text, octets)) << text;
  return octets;
}

constexpr std::uint64_t second = 1'000'000'000;

// An ICMPv6 datagram with `body` octets 00 01 02 ...
Octets v6_datagram(std::size_t body) {
  auto octets =
      hex("60000000 0000 3a ff 20010db8000100000000000000000001 20010db8000200000000000000000001");
  octets[4] = static_cast<std::uint8_t>(body >> 8);
  octets[5] = static_cast<std::uint8_t>(body);
  for (std::size_t i = 0; i < body; ++i) octets.push_back(static_cast<std::uint8_t>(i));
  return octets;
}

TEST(Fragment, DoesNotFragmentDatagramThatFits) {
  const auto datagram = v6_datagram(100);
  EXPECT_EQ(fragmented(datagram, 140, 1), std::vector<Octets>(1, datagram));
}

TEST(Fragment, SplitsIpv6Datagram) {
  // MTU 64: 40 octets of header, 8 of the Fragment header, 16 of data.
  const auto fragments = fragmented(v6_datagram(26), 64, 0x01020304);
  ASSERT_EQ(fragments.size(), 2U);
  const std::string ends = "20010db8000100000000000000000001 20010db8000200000000000000000001";
  EXPECT_EQ(fragments[0], hex("60000000 0018 2c ff " + ends +
                              "3a 00 0001 01020304 000102030405060708090a0b0c0d0e0f"));
  EXPECT_EQ(fragments[1],
            hex("60000000 0012 2c ff " + ends + "3a 00 0010 01020304 10111213141516171819"));
}

TEST(Fragment, SplitsIpv4Datagram) {
  // MTU 36: 20 octets of header, 16 of the 24 octets of data.
  const auto datagram =
      hex("4500002c 00000000 40110000 c0000201 c0000202 "
          "000102030405060708090a0b0c0d0e0f1011121314151617");
  const auto fragments = fragmented(datagram, 36, 0xabcd);
  ASSERT_EQ(fragments.size(), 2U);
  EXPECT_EQ(to_hex(View(fragments[0]).first(10)), "45000024abcd20004011");
  EXPECT_EQ(to_hex(View(fragments[1]).first(10)), "4500001cabcd00024011");
  for (const auto& fragment : fragments) {
    EXPECT_EQ(internet_checksum(sum_of(View(fragment).first(20))), 0);
  }
}

// The fragmentable part begins after Hop-by-Hop Options and Routing headers (RFC 8200 section 4.5).
TEST(Fragment, RepeatsPerFragmentHeaders) {
  auto datagram = v6_datagram(32);
  datagram[6] = ip_proto::hop_by_hop;
  const auto options = hex("3a00 010400000000");
  std::ranges::copy(options, datagram.begin() + ipv6_header_octets);
  for (const auto& fragment : fragmented(datagram, 40 + 8 + 8 + 8, 1)) {
    const auto parsed = parse_datagram(fragment);
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->chain.size(), 2U);
    EXPECT_EQ(parsed->chain[0].type, ip_proto::hop_by_hop);
    EXPECT_EQ(parsed->chain[1].type, ip_proto::fragment);
    EXPECT_EQ(fragment[48], ip_proto::icmpv6);
  }
}

TEST(Fragment, RefusesWhatCannotBeFragmented) {
  EXPECT_TRUE(fragmented(Octets(100, 0xff), 64, 1).empty());
  EXPECT_TRUE(fragmented(v6_datagram(100), 40 + 8 + 7, 1).empty());
}

TEST(Reassembler, AcceptsAnyOrderAndDuplicates) {
  const auto whole = v6_datagram(1000);
  auto fragments = fragmented(whole, 200, 7);
  ASSERT_GT(fragments.size(), 5U);
  for (const bool reversed : {false, true}) {
    if (reversed) std::ranges::reverse(fragments);
    Reassembler reassembler;
    for (std::size_t i = 0; i + 1 < fragments.size(); ++i) {
      EXPECT_FALSE(reassembler.add(fragments[i], second));
      EXPECT_FALSE(reassembler.add(fragments[i], second));
    }
    const auto again = reassembler.add(fragments.back(), second);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, whole);
    EXPECT_EQ(reassembler.reassembled(), fragments.size());
    EXPECT_EQ(reassembler.incomplete(), 0U);
  }
}

TEST(Reassembler, ReturnsOtherOctetsUnchanged) {
  Reassembler reassembler;
  EXPECT_EQ(reassembler.add(v6_datagram(30), 0), v6_datagram(30));
  EXPECT_EQ(reassembler.add(hex("00"), 0), hex("00"));
}

TEST(Reassembler, RemovesHeaderOfAtomicFragment) {
  const auto whole = v6_datagram(16);
  auto atomic = whole;  // RFC 6946
  const auto header = hex("3a 00 0000 01020304");
  atomic.insert(atomic.begin() + ipv6_header_octets, header.begin(), header.end());
  atomic[5] += 8;
  atomic[6] = ip_proto::fragment;
  Reassembler reassembler;
  EXPECT_EQ(reassembler.add(atomic, 0), whole);
  EXPECT_EQ(reassembler.incomplete(), 0U);
}

TEST(Reassembler, ReassemblesIpv4Options) {
  const auto datagram =
      hex("4600002c 00000000 40110000 c0000201 c0000202 94040000"
          "000102030405060708090a0b0c0d0e0f10111213");
  const auto fragments = fragmented(datagram, 40, 7);
  ASSERT_EQ(fragments.size(), 2U);
  Reassembler reassembler;
  EXPECT_FALSE(reassembler.add(fragments[0], 0));
  const auto again = reassembler.add(fragments[1], 0);
  ASSERT_TRUE(again);
  EXPECT_EQ(internet_checksum(sum_of(View(*again).first(24))), 0);
  EXPECT_EQ(to_hex(View(*again).subspan(24)), to_hex(View(datagram).subspan(24)));
}

TEST(Reassembler, DiscardsFragmentsThatContradict) {
  const auto fragments = fragmented(v6_datagram(64), 40 + 8 + 32, 7);
  auto odd_length = fragments[0];  // not a multiple of 8 octets
  odd_length.pop_back();
  update_ip_length(odd_length);
  Reassembler reassembler;
  EXPECT_FALSE(reassembler.add(odd_length, 0));
  EXPECT_EQ(reassembler.incomplete(), 0U);
  const auto other_end = fragmented(v6_datagram(24), 40 + 8 + 8, 7).back();
  EXPECT_FALSE(reassembler.add(fragments[1], 0));
  EXPECT_FALSE(reassembler.add(other_end, 0));
  EXPECT_EQ(reassembler.incomplete(), 0U);
}

TEST(Reassembler, DiscardsDatagramWithOverlap) {
  auto fragments = fragmented(v6_datagram(64), 40 + 8 + 32, 7);
  ASSERT_EQ(fragments.size(), 2U);
  auto overlap = fragments[1];
  overlap[40 + 3] = 8;  // offset 8 octets, the last fragment
  Reassembler reassembler;
  EXPECT_FALSE(reassembler.add(fragments[0], 0));
  EXPECT_FALSE(reassembler.add(overlap, 0));
  EXPECT_EQ(reassembler.incomplete(), 0U);
  EXPECT_FALSE(reassembler.add(fragments[1], 0));  // the first fragment is lost
}

TEST(Reassembler, BoundsMemoryAndTime) {
  Reassembler reassembler;
  auto fragment = fragmented(v6_datagram(64), 80, 0)[0];
  for (std::uint32_t id = 0; id < 2000; ++id) {
    for (int i = 0; i < 4; ++i) {
      fragment[44 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(id >> (24 - 8 * i));
    }
    EXPECT_FALSE(reassembler.add(fragment, id));
  }
  EXPECT_LE(reassembler.incomplete(), 256U);
  EXPECT_FALSE(reassembler.add(fragmented(v6_datagram(64), 80, 99999)[0], 61 * second));
  EXPECT_EQ(reassembler.incomplete(), 1U);
}

// The oldest datagram is forgotten for a new one, not for a fragment that completes a datagram.
TEST(Reassembler, CompletesTheOldestDatagramWhenItIsFull) {
  Reassembler reassembler;
  for (std::uint32_t id = 1; id <= 256; ++id) {
    EXPECT_FALSE(reassembler.add(fragmented(v6_datagram(64), 80, id)[0], id));
  }
  EXPECT_TRUE(reassembler.add(fragmented(v6_datagram(64), 80, 1)[1], 300));
  EXPECT_EQ(reassembler.discarded(), 0U);
  for (std::uint32_t id = 300; id < 302; ++id) {
    EXPECT_FALSE(reassembler.add(fragmented(v6_datagram(64), 80, id)[0], id));
  }
  EXPECT_EQ(reassembler.discarded(), 1U);
  EXPECT_FALSE(reassembler.add(fragmented(v6_datagram(64), 80, 2)[1], 310));
  EXPECT_TRUE(reassembler.add(fragmented(v6_datagram(64), 80, 4)[1], 310));
}

}  // namespace
}  // namespace secct::network
