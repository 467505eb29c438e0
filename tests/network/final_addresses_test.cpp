// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/final_addresses.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

std::string final_of(const std::string& layers) {
  const auto octets = built("layers:\n" + layers + "  - udp: {}\n");
  const auto datagram = parse_datagram(octets);
  EXPECT_TRUE(datagram);
  const auto found = final_addresses(*datagram);
  return to_text(found.source) + " " + to_text(found.destination);
}

const std::string ipv6_layer = "  - ipv6: {ipv6.src: '2001:db8::1', ipv6.dst: '2001:db8::2'}\n";
const std::string ipv4_layer = "  - ip: {ip.src: 192.0.2.1, ip.dst: 192.0.2.2, ip.options: ";

std::string routing(int type, int left, const std::string& addresses) {
  return fmt::format(
      "  - ipv6.routing: {{ipv6.routing.type: {}, ipv6.routing.segleft: {}, "
      "ipv6.routing.unknown.data: '0x00000000{}'}}\n",
      type, left, addresses);
}

TEST(FinalAddresses, AreThoseOfTheIpHeaderWithoutSourceRoute) {
  EXPECT_EQ(final_of(ipv6_layer), "2001:db8::1 2001:db8::2");
  EXPECT_EQ(final_of(ipv4_layer + "'0x94040000'}\n"), "::ffff:192.0.2.1 ::ffff:192.0.2.2");
}

TEST(FinalAddresses, FollowRoutingHeadersOfTypes0And2) {
  const std::string three = "20010db8000000000000000000000003";
  const std::string four = "20010db8000000000000000000000004";
  EXPECT_EQ(final_of(ipv6_layer + routing(0, 2, three + four)), "2001:db8::1 2001:db8::4");
  EXPECT_EQ(final_of(ipv6_layer + routing(0, 1, three + four)), "2001:db8::1 2001:db8::4");
  EXPECT_EQ(final_of(ipv6_layer + routing(0, 0, three + four)), "2001:db8::1 2001:db8::2");
  EXPECT_EQ(final_of(ipv6_layer + routing(2, 1, three)), "2001:db8::1 2001:db8::3");
  EXPECT_EQ(final_of(ipv6_layer + routing(0, 3, three + four)), "2001:db8::1 2001:db8::2");
  EXPECT_EQ(final_of(ipv6_layer + routing(4, 1, three)), "2001:db8::1 2001:db8::2");
}

TEST(FinalAddresses, FollowTheHomeAddressOption) {
  EXPECT_EQ(final_of(ipv6_layer + "  - ipv6.dstopts: {options: [{type: 0xc9, data: "
                                  "'0x20010db8000000000000000000000005'}]}\n"),
            "2001:db8::5 2001:db8::2");
}

TEST(FinalAddresses, FollowIpv4SourceRoutes) {
  EXPECT_EQ(final_of(ipv4_layer + "'0x830b04c0000203c0000204'}\n"),
            "::ffff:192.0.2.1 ::ffff:192.0.2.4");
  EXPECT_EQ(final_of(ipv4_layer + "'0x01890b08c0000203c0000204'}\n"),
            "::ffff:192.0.2.1 ::ffff:192.0.2.4");
  EXPECT_EQ(final_of(ipv4_layer + "'0x830b0cc0000203c0000204'}\n"),
            "::ffff:192.0.2.1 ::ffff:192.0.2.2");
}

TEST(Ipv4Options, EndAtEndOfOptionListAndAtMalformedOptions) {
  const auto count = [](const std::string& options) {
    return parse_ipv4_options(
               built("layers:\n" + ipv4_layer + "'0x" + options + "'}\n  - udp: {}\n"))
        .size();
  };
  EXPECT_EQ(count("0101940400000101"), 5U);
  EXPECT_EQ(count("01000101"), 1U);
  EXPECT_EQ(count("01074401"), 1U);  // longer than the header
  EXPECT_EQ(count("01070101"), 1U);  // shorter than its own octets
}

}  // namespace
}  // namespace secct::generator::test
