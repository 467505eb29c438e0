// SPDX-License-Identifier: GPL-2.0-or-later
// Following the header chain of a datagram, whatever the octets say.
#include "network/datagram.hpp"

#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

// An IPv6 header from ::1 to ::2 and what follows it.
Octets v6(std::uint8_t next, std::string_view payload) {
  Octets octets_{0x60, 0, 0, 0, 0, 0, next, 64};
  octets_.resize(40);
  octets_[23] = 1;
  octets_[39] = 2;
  append(octets_, octets(payload));
  octets_[5] = static_cast<std::uint8_t>(octets_.size() - 40);
  return octets_;
}

std::vector<unsigned> types(const Datagram& datagram) {
  std::vector<unsigned> list;
  for (const auto& header : datagram.chain) list.push_back(header.type);
  return list;
}

TEST(Datagram, EveryExtensionHeaderInOrder) {
  // hop-by-hop, destination options (16 octets), routing, AH (24 octets), fragment 0 without more,
  // ICMPv6
  const auto octets_ = v6(0,
                          "3c00010400000000"
                          "2b01010c000000000000000000000000"
                          "3300000000000000"
                          "2c04000000001001 00000001 000102030405060708090a0b"
                          "3a00000000000000"
                          "cc0012340007");
  const auto found = parse_datagram(octets_);
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

TEST(Datagram, AFragmentEndsTheChain) {
  for (const auto* fragment : {"3a00000100000001", "3a00000800000001"}) {  // more; offset 1
    const auto octets_ = v6(44, std::string(fragment) + "cc001234");
    const auto found = parse_datagram(octets_);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->is_fragment);
    EXPECT_EQ(types(*found), std::vector<unsigned>{44});
  }
}

TEST(Datagram, EspEndsTheChain) {
  const auto octets_ = v6(50, "0000100000000001aabb");
  const auto found = parse_datagram(octets_);
  ASSERT_TRUE(found);
  EXPECT_EQ(types(*found), std::vector<unsigned>{50});
  EXPECT_EQ(found->chain[0].length, 10U);
  EXPECT_EQ(found->protection(), Protection::esp);
}

TEST(Datagram, NoNextHeader) {
  const auto bare = v6(59, "");
  EXPECT_TRUE(parse_datagram(bare)->chain.empty());
  const auto trailing = v6(59, "aa");  // octets behind it are there all the same
  EXPECT_EQ(types(*parse_datagram(trailing)), std::vector<unsigned>{59});
}

TEST(Datagram, OctetsBehindTheLengthAreLeftOut) {
  auto octets_ = v6(58, "cc001234");
  octets_.push_back(0xee);
  EXPECT_EQ(parse_datagram(octets_)->octets.size(), 44U);
}

TEST(Datagram, Version4) {
  auto octets_ = octets("45000018000100004033 0000 0a010001 c0000201 aabbccdd");
  octets_[9] = 58;
  const auto found = parse_datagram(octets_);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->v4);
  EXPECT_EQ(found->source, address("10.1.0.1"));
  EXPECT_EQ(types(*found), std::vector<unsigned>{58});
  octets_[6] = 0x20;  // more fragments
  EXPECT_TRUE(parse_datagram(octets_)->is_fragment);
  octets_[6] = 0x40;  // DF is none
  EXPECT_FALSE(parse_datagram(octets_)->is_fragment);
  octets_[0] = 0x46;  // 4 octets of options
  EXPECT_EQ(parse_datagram(octets_)->chain[0].length, 0U);
  octets_[0] = 0x44;
  EXPECT_FALSE(parse_datagram(octets_));
  octets_[0] = 0x45;
  octets_[3] = 19;  // shorter than its header
  EXPECT_FALSE(parse_datagram(octets_));
}

TEST(Datagram, NothingWhereTheChainRunsPastTheEnd) {
  EXPECT_FALSE(parse_datagram({}));
  EXPECT_FALSE(parse_datagram(octets("50")));
  EXPECT_FALSE(parse_datagram(v6(60, "3a01010400000000")));  // 16 octets, 8 are there
  EXPECT_FALSE(parse_datagram(v6(60, "3a000104")));
  EXPECT_FALSE(parse_datagram(v6(51, "3a00000000001001")));  // AH shorter than its fixed part
  auto longer = v6(58, "cc001234");
  longer[5] = 5;
  EXPECT_FALSE(parse_datagram(longer));
}

TEST(Datagram, AChainOfHundredsIsRefused) {
  std::string options;
  for (int i = 0; i < 30; ++i) options += "3c00010400000000";
  EXPECT_TRUE(parse_datagram(v6(60, options + "3a00010400000000")));
  options += options;
  EXPECT_FALSE(parse_datagram(v6(60, options)));
}

TEST(HeaderOptions, PaddingIsListedToo) {
  const auto header = octets("3a01 00 1e02aabb 0100 0103000000 00");
  std::vector<std::pair<unsigned, unsigned>> found;
  for (const auto& option : parse_header_options(header)) {
    found.emplace_back(option.offset, option.length);
  }
  EXPECT_EQ(found,
            (std::vector<std::pair<unsigned, unsigned>>{{2, 1}, {3, 4}, {7, 2}, {9, 5}, {14, 1}}));
}

TEST(HeaderOptions, NoneWhenOneRunsPastTheEnd) {
  EXPECT_TRUE(parse_header_options(octets("3a00 00 1e04aabbcc")).empty());
  EXPECT_TRUE(parse_header_options(octets("3a00 0103000000 1e")).empty());
  EXPECT_TRUE(parse_header_options({}).empty());
}

TEST(Datagram, RandomOctetsStayInside) {
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    Octets octets_(below(random, 120));
    for (auto& octet : octets_) octet = static_cast<std::uint8_t>(random());
    if (!octets_.empty()) octets_[0] = (random() & 1) != 0 ? 0x60 : 0x45;
    if (octets_.size() > 6) {
      octets_[2] = octets_[4] = 0;
      octets_[6] = static_cast<std::uint8_t>(std::array{0, 60, 43, 51, 44, 50, 58}[random() % 7]);
    }
    const auto found = parse_datagram(octets_);
    if (!found) continue;
    for (const auto& header : found->chain) {
      ASSERT_LE(header.offset + header.length, found->octets.size());
      static_cast<void>(parse_header_options(found->octets_of(header)));
    }
  }
}

}  // namespace
}  // namespace secct::generator::test
