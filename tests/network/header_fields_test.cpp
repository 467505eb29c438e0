// SPDX-License-Identifier: GPL-2.0-or-later
// Access to header fields by the tables, and to numbers in octets.
#include "network/header_fields.hpp"

#include <gtest/gtest.h>

#include "network/write_number.hpp"

namespace secct::network {
namespace {

TEST(HeaderFields, AreFoundByNameWithinTheirLayer) {
  EXPECT_EQ(find_layer("ipv6.dstopts"), LayerKind::dstopts);
  EXPECT_FALSE(find_layer("ipv7"));
  EXPECT_EQ(find_header(LayerKind::ipv6, "ipv6.hlim"), HeaderField::ipv6_hlim);
  EXPECT_EQ(find_header(LayerKind::sll, "sll.etype"), HeaderField::sll_etype);
  EXPECT_EQ(find_header(LayerKind::sll2, "sll.etype"), HeaderField::sll2_etype);
  EXPECT_FALSE(find_header(LayerKind::ip, "ipv6.hlim"));
}

TEST(HeaderFields, BitsAreReadAcrossOctets) {
  const Octets header{0x6a, 0xb1, 0x23, 0x45, 0, 0, 0, 0};
  EXPECT_EQ(read_bits(header, row(HeaderField::ipv6_version)), 6U);
  EXPECT_EQ(read_bits(header, row(HeaderField::ipv6_tclass)), 0xabU);
  EXPECT_EQ(read_bits(header, row(HeaderField::ipv6_flow)), 0x12345U);
}

TEST(HeaderFields, WritingBitsKeepsOtherBits) {
  Octets header(8, 0xff);
  write_bits(header, row(HeaderField::ipv6_tclass), 0x300);  // excess bits are discarded
  EXPECT_EQ(to_hex(header), "f00fffffffffffff");
  write_bits(header, row(HeaderField::ipv6_flow), 0x12345);
  EXPECT_EQ(to_hex(header), "f0012345ffffffff");
}

TEST(WriteNumber, DiscardsHighOctets) {
  Octets octets(2);
  write_number(octets, 0x12345);
  EXPECT_EQ(to_hex(octets), "2345");
}

TEST(AddTo, WrapsInBothDirections) {
  Octets octets{0x00, 0xff};
  add_to(octets, 1);
  EXPECT_EQ(to_hex(octets), "0100");
  add_to(octets, -0x101);
  EXPECT_EQ(to_hex(octets), "ffff");
  add_to(octets, 0x10002);
  EXPECT_EQ(to_hex(octets), "0001");
}

}  // namespace
}  // namespace secct::network
