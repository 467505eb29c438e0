// SPDX-License-Identifier: GPL-2.0-or-later
// Documents of fragments, valid and invalid ones.
#include "generator/packet/ipv6_fragments.hpp"

#include <gtest/gtest.h>

#include "network/fragment.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

// An IPv6 datagram with 32 octets of ICMPv6.
PacketDocument whole() {
  return packet(
      "layers: [{ipv6: {ipv6.src: '2001:db8::1', ipv6.dst: '2001:db8::2'}}, "
      "{icmpv6: {icmpv6.type: 128}}, "
      "{data: {data.data: '0x" +
      std::string(2 * 28, 'a') + "'}}]");
}

std::vector<PacketDocument> split(const std::vector<FragmentSpec>& specs) {
  return ipv6_fragments({}, {}, whole(), specs);
}

TEST(Ipv6Fragments, AreReassembled) {
  const auto fragments = split({{0, 16, {}, {}, 1}, {16, {}, {}, {}, 1}});
  ASSERT_EQ(fragments.size(), 2U);
  Reassembler reassembler;
  EXPECT_FALSE(reassembler.add(built(fragments[0]), 0));
  EXPECT_EQ(reassembler.add(built(fragments[1]), 0), built(whole()));
}

TEST(Ipv6Fragments, WriteTheGivenHeaderFields) {
  const auto fragments = split({{8, 8, 64, false, 1}, {8, {}, {}, {}, 2}});
  const auto first = built(fragments[0]);
  const auto second = built(fragments[1]);
  EXPECT_EQ(to_hex(View(first).subspan(40, 4)), "3a000040");   // offset 64, last fragment
  EXPECT_EQ(to_hex(View(second).subspan(40, 4)), "3a000008");  // up to the end
  EXPECT_EQ(first.size(), 40U + 8 + 8);
  EXPECT_EQ(big_endian(View(first).subspan(44, 4)) + 1, big_endian(View(second).subspan(44, 4)));
}

TEST(Ipv6Fragments, NeedAnIpv6Packet) {
  EXPECT_EQ(error_of([] { ipv6_fragments({}, {}, packet("layers: [{ip: {}}]"), {}); }),
            "ipv6: the packet has no such layer");
  EXPECT_EQ(error_of([] {
              ipv6_fragments({}, {}, packet("layers: [{ipv6: {}}, {esp: {esp.spi: 1}}]"), {});
            }),
            "layers[1].esp.spi: no key for ESP SPI 0x00000001: add a key or write esp.data");
}

}  // namespace
}  // namespace secct::generator::test
