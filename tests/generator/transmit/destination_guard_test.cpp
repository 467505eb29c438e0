// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/transmit/destination_guard.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator {
namespace {

TEST(DestinationGuard, RecognisesHarmlessDestinations) {
  for (const auto* harmless : {"2001:db8::1",
                               "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                               "3fff:fff::1",
                               "fd00::1",
                               "fe80::1",
                               "febf::1",
                               "ff02::1",
                               "::1",
                               "::",
                               "2001:2::1",
                               "::ffff:10.1.2.3",
                               "::ffff:172.16.0.1",
                               "::ffff:172.31.255.255",
                               "::ffff:192.168.1.1",
                               "::ffff:192.0.2.1",
                               "::ffff:198.51.100.7",
                               "::ffff:203.0.113.9",
                               "::ffff:198.19.255.255",
                               "::ffff:127.0.0.1",
                               "::ffff:224.0.0.1",
                               "::ffff:255.255.255.255"}) {
    EXPECT_TRUE(is_harmless_destination(test::address(harmless))) << harmless;
  }
  for (const auto* other :
       {"2600::1", "2001:db7:ffff::1", "2001:db9::1", "2001:4860:4860::8888", "fec0::1", "ff05::1",
        "ff0e::1", "::2", "2001:2:1::1", "3fff:1000::1", "::ffff:8.8.8.8", "::ffff:11.0.0.1",
        "::ffff:172.15.255.255", "::ffff:172.32.0.0", "::ffff:192.169.0.1", "::ffff:198.20.0.1",
        "::ffff:224.0.1.1", "::ffff:239.1.1.1", "::ffff:255.255.255.254"}) {
    EXPECT_FALSE(is_harmless_destination(test::address(other))) << other;
  }
}

// Parts of frames. The public address is 2600::1 or 8.8.8.8.
const std::string macs = "020000000002 020000000001 ";
const std::string here = "20010db8000000000000000000000001 ";
const std::string there = "20010db8000000000000000000000002 ";
const std::string outside = "26000000000000000000000000000001 ";

std::string ipv6(const std::string& next, const std::string& destination, std::size_t length) {
  return fmt::format("60000000 {:04x} {} 40 {}{}", length, next, here, destination);
}
std::string ipv4(const std::string& protocol, const std::string& destination, std::size_t length) {
  return fmt::format("4500 {:04x} 00000000 40 {} 0000 c0000201 {} ", 20 + length, protocol,
                     destination);
}
const std::string in_v6 = ipv6("3b", outside, 0);
const std::string in_v4 = ipv4("06", "08080808", 0);

std::optional<UnsafeDestination> found(const std::string& frame) {
  Octets octets;
  EXPECT_TRUE(parse_hex(frame, octets)) << frame;
  return DestinationGuard().find(LinkType::ethernet, octets);
}

struct Example {
  const char* name;
  std::string frame;
  std::string_view where;
};

TEST(DestinationGuard, FindsEveryDestination) {
  const std::string neighbor = "0000 00000000 ";
  const Example examples[] = {
      {"IPv6", "86dd" + in_v6, "IP header"},
      {"IPv4", "0800" + in_v4, "IP header"},
      {"IPv4 that is shorter than its header", "0800 45000005 00000000 40060000 c0000201 08080808",
       "IP header"},
      {"VLAN", "8100 0001 86dd" + in_v6, "IP header"},
      {"QinQ", "88a8 0001 8100 0002 86dd" + in_v6, "IP header"},
      {"MPLS", "8847 00010140 " + in_v6, "IP header"},
      {"PPPoE", "8864 1100 0001 0016 0021" + in_v4, "IP header"},
      {"IPv6 in IPv6", "86dd" + ipv6("29", there, 40) + in_v6, "inner IP header"},
      {"IPv4 in IPv6", "86dd" + ipv6("04", there, 20) + in_v4, "inner IP header"},
      {"IPv6 in IPv4", "0800" + ipv4("29", "c0000202", 40) + in_v6, "inner IP header"},
      {"GRE", "86dd" + ipv6("2f", there, 24) + "0000 0800" + in_v4, "inner IP header"},
      {"first fragment of a tunnel", "86dd" + ipv6("2c", there, 48) + "29 00 0001 00000007" + in_v6,
       "inner IP header"},
      {"Routing header of type 0",
       "86dd" + ipv6("2b", there, 24) + "3b 02 00 01 00000000" + outside, "Routing header"},
      {"Segment Routing header", "86dd" + ipv6("2b", there, 24) + "3b 02 04 01 00000000" + outside,
       "Routing header"},
      {"IPv4 source route", "0800 4700001c 00000000 40060000 c0000201 c0000202 8307 04 08080808 00",
       "IPv4 source route"},
      {"Neighbor Advertisement", "86dd" + ipv6("3a", there, 24) + "88 00" + neighbor + outside,
       "Neighbor Discovery target"},
      {"Redirect", "86dd" + ipv6("3a", there, 40) + "89 00" + neighbor + there + outside,
       "Redirect"},
      {"ARP sender", "0806 0001 0800 06 04 0002 020000000001 08080808 020000000002 c0000202",
       "ARP sender"},
      {"ARP target", "0806 0001 0800 06 04 0001 020000000001 c0000201 000000000000 08080808",
       "ARP target"},
  };
  for (const auto& example : examples) {
    const auto unsafe = found(macs + example.frame);
    ASSERT_TRUE(unsafe) << example.name;
    EXPECT_EQ(unsafe->where, example.where) << example.name;
    const auto expected = test::address(
        to_text(unsafe->address).find('.') == std::string::npos ? "2600::1" : "::ffff:8.8.8.8");
    EXPECT_EQ(unsafe->address, expected) << example.name;
  }
}

TEST(DestinationGuard, IgnoresQuotedAndUsedAddresses) {
  const auto error = "01 00 0000 00000000" + in_v6;
  EXPECT_FALSE(found(macs + "86dd" + ipv6("3a", there, 48) + error)) << "a quoted packet";
  EXPECT_FALSE(found(macs + "86dd" + ipv6("2b", there, 24) + "3b 02 00 00 00000000" + outside))
      << "a Routing header without segments left";
  EXPECT_FALSE(found(macs + "86dd" + ipv6("3b", there, 0)));
  EXPECT_FALSE(found(macs + "1234 0000"));
}

TEST(DestinationGuard, RefusesWhatIsNestedTooDeeply) {
  std::string frame = in_v6;
  std::size_t length = 0;
  for (int i = 0; i < 12; ++i) {
    length += 40;
    frame = ipv6("29", there, length) + frame;
  }
  const auto unsafe = found(macs + "86dd" + frame);
  ASSERT_TRUE(unsafe);
  EXPECT_EQ(unsafe->where, "nested headers");
}

// Without the key, the content of ESP is unknown and cannot be checked.
TEST(DestinationGuard, LooksIntoEspThatTheKeysDecrypt) {
  Sa sa;
  sa.protocol = IpsecProtocol::esp;
  sa.spi = 0x2001;
  sa.destination = test::address("2001:db8::2");
  Octets frame;
  // ESP with NULL encryption and no authentication: padding of two octets, IPv6.
  ASSERT_TRUE(parse_hex(
      macs + "86dd" + ipv6("32", there, 52) + "00002001 00000001" + in_v6 + "0102 02 29", frame));
  EXPECT_FALSE(DestinationGuard().find(LinkType::ethernet, frame));
  const auto unsafe = DestinationGuard({{sa}, {}}).find(LinkType::ethernet, frame);
  ASSERT_TRUE(unsafe);
  EXPECT_EQ(unsafe->where, "inner IP header");
}

}  // namespace
}  // namespace secct::generator
