// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/packet/fragmenter.hpp"

#include <gtest/gtest.h>

#include "network/datagram.hpp"
#include "network/fragment.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

constexpr std::size_t mtu = 1280;
constexpr const char* over_ipv6 = "  - ipv6: {ipv6.src: '2001:db8::1', ipv6.dst: '2001:db8::2'}\n";
constexpr const char* over_ipv4 = "  - ip: {ip.src: 192.0.2.1, ip.dst: 192.0.2.2}\n";

// An Ethernet frame whose datagram has `size` octets.
Octets frame(const std::string& ip, std::size_t size) {
  const std::size_t headers = ip == over_ipv6 ? ipv6_header_octets : ipv4_header_octets;
  return built("layers:\n  - eth: {}\n" + ip + "  - data: {data.data: '0x" +
               to_hex(Octets(size - headers, 0x5a)) + "'}\n");
}

TEST(Fragmenter, LeavesPacketsThatFit) {
  Fragmenter fragmenter(LinkType::ethernet, mtu);
  EXPECT_TRUE(fragmenter.split(frame(over_ipv6, mtu)).empty());
  EXPECT_TRUE(fragmenter.split(frame(over_ipv4, mtu)).empty());
  EXPECT_FALSE(fragmenter.split(frame(over_ipv6, mtu + 1)).empty());
}

TEST(Fragmenter, FragmentsCanBeReassembled) {
  Fragmenter fragmenter(LinkType::ethernet, mtu);
  for (const auto* ip : {over_ipv6, over_ipv4}) {
    const auto packet = frame(ip, 3000);
    for (int i = 0; i < 2; ++i) {  // the second packet has another identification
      Reassembler reassembler;
      const auto fragments = fragmenter.split(packet);
      EXPECT_EQ(fragments.size(), 3U);
      std::optional<Octets> whole;
      for (const auto& fragment : fragments) {
        EXPECT_LE(fragment.size(), ethernet_octets + mtu);
        EXPECT_EQ(to_hex(View(fragment).first(ethernet_octets)),
                  to_hex(View(packet).first(ethernet_octets)));
        whole = reassembler.add(View(fragment).subspan(ethernet_octets), 0);
      }
      ASSERT_TRUE(whole);
      EXPECT_EQ(to_hex(View(*whole).subspan(ipv4_header_octets)),
                to_hex(View(packet).subspan(ethernet_octets + ipv4_header_octets)));
    }
  }
  EXPECT_NE(fragmenter.split(frame(over_ipv6, 3000)), fragmenter.split(frame(over_ipv6, 3000)));
}

TEST(Fragmenter, LeavesFragmentsAndWrongLengths) {
  Fragmenter large(LinkType::ethernet, 2000);
  Fragmenter fragmenter(LinkType::ethernet, mtu);
  EXPECT_TRUE(fragmenter.split(large.split(frame(over_ipv6, 3000)).at(0)).empty());
  auto wrong = frame(over_ipv6, 3000);
  wrong[ethernet_octets + 5] ^= 1;  // Payload Length
  EXPECT_TRUE(fragmenter.split(wrong).empty());
  EXPECT_TRUE(fragmenter.split(Octets(3000, 0xff)).empty());
}

}  // namespace
}  // namespace secct::generator::test
