// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/octets.hpp"

#include <arpa/inet.h>

#include <random>
#include <utility>

#include <gtest/gtest.h>

namespace secct {
namespace {

Address v6(std::string_view text) {
  Address address{};
  EXPECT_TRUE(parse_v6(text, address)) << text;
  return address;
}

TEST(PrefixOf, KeepsTheFirstBitsOnly) {
  const auto address = v6("2001:db8:ffff::ffff");
  EXPECT_EQ(prefix_of(address, 0), Address{});
  EXPECT_EQ(prefix_of(address, 35), v6("2001:db8:e000::"));
  EXPECT_EQ(prefix_of(address, 127), v6("2001:db8:ffff::fffe"));
  EXPECT_EQ(prefix_of(address, 128), address);
}

// Zero groups at all places. inet_ntop() writes ::/96 in another form.
TEST(AddressText, IsThatOfInetNtop) {
  std::mt19937 random(5952);
  for (int i = 0; i < 20000; ++i) {
    Address address{};
    for (std::size_t group = 0; group < 8; ++group) {
      const auto bits = random();
      if ((bits & 1U) != 0) continue;
      address[2 * group] = (bits & 2U) != 0 ? static_cast<std::uint8_t>(bits >> 8U) : 0;
      address[2 * group + 1] = static_cast<std::uint8_t>(bits >> 16U);
    }
    std::array<char, INET6_ADDRSTRLEN> expected{};
    inet_ntop(AF_INET6, address.data(), expected.data(), expected.size());
    if (std::string_view(expected.data()).find('.') != std::string_view::npos) continue;
    ASSERT_EQ(to_text(address), expected.data());
  }
}

// RFC 5952 section 4 and its examples.
TEST(AddressText, WritesCanonicalIPv6) {
  constexpr std::pair<const char*, const char*> texts[] = {
      {"2001:0db8::0001", "2001:db8::1"},
      {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:DB8:AAAA::", "2001:db8:aaaa::"},
      {"::", "::"},
      {"::1", "::1"},
      {"::102:304", "::102:304"},
      {"::1.2.3.4", "::102:304"},
      {"1::", "1::"},
      {"0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"ff02::1:ff00:1", "ff02::1:ff00:1"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"::ffff:c000:201", "::ffff:192.0.2.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"}};
  for (const auto& [given, canonical] : texts) {
    EXPECT_EQ(to_text(v6(given)), canonical) << given;
    EXPECT_EQ(v6(canonical), v6(given)) << given;
  }
}

TEST(AddressText, RejectsTextThatIsNotAnIPv6Address) {
  auto before = v6("2001:db8::7");
  for (const auto* text : {"",
                           ":",
                           ":::",
                           "1",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "12345::",
                           "g::",
                           "1:2:3:4:5:6:7:",
                           ":1:2:3:4:5:6:7",
                           "::1:",
                           "1:2:3:4:5:6:7::8",
                           "::1.2.3",
                           "::1.2.3.4.5",
                           "::1.2.3.256",
                           "1.2.3.4::",
                           "1.2.3.4",
                           "::1.2.3.4:5",
                           "2001:db8::1/64",
                           " ::1",
                           "::1 ",
                           "fe80::1%eth0",
                           "-1::",
                           "+1::",
                           "0x1::",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "::00001"}) {
    EXPECT_FALSE(parse_v6(text, before)) << text;
    EXPECT_EQ(to_text(before), "2001:db8::7");
  }
  using namespace std::string_view_literals;
  EXPECT_FALSE(parse_v6("::1\0"sv, before));
  EXPECT_FALSE(parse_v6(std::string(100, ':'), before));
}

TEST(AddressText, ReadsAndWritesIPv4) {
  std::array<std::uint8_t, 4> address{9, 9, 9, 9};
  for (const auto* text :
       {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "1..2.3", ".1.2.3", "1.2.3.", "1.2.3.4 ",
        " 1.2.3.4", "1,2,3,4", "0x1.2.3.4", "1.2.3.0004", "010.0.0.1"}) {
    EXPECT_FALSE(parse_v4(text, address)) << text;
    EXPECT_EQ(v4_text(address), "9.9.9.9");
  }
  ASSERT_TRUE(parse_v4("192.0.2.255", address));
  EXPECT_EQ(v4_text(address), "192.0.2.255");
  ASSERT_TRUE(parse_v4("0.0.0.0", address));
  EXPECT_EQ(v4_text(address), "0.0.0.0");
}

TEST(AddressKinds, RecognisesIPv6AndIPv4Mapped) {
  EXPECT_TRUE(is_unspecified(v6("::")));
  EXPECT_TRUE(is_unspecified(v6("::ffff:0.0.0.0")));
  EXPECT_FALSE(is_unspecified(v6("::1")));
  EXPECT_TRUE(is_multicast(v6("ff00::")));
  EXPECT_FALSE(is_multicast(v6("fe00::")));
  EXPECT_TRUE(is_multicast(v6("::ffff:224.0.0.0")));
  EXPECT_TRUE(is_multicast(v6("::ffff:239.255.255.255")));
  EXPECT_FALSE(is_multicast(v6("::ffff:223.255.255.255")));
  EXPECT_FALSE(is_multicast(v6("::ffff:240.0.0.0")));
  EXPECT_TRUE(is_link_local(v6("fe80::1")));
  EXPECT_TRUE(is_link_local(v6("febf::1")));
  EXPECT_FALSE(is_link_local(v6("fec0::1")));
  EXPECT_TRUE(is_link_local(v6("::ffff:169.254.1.1")));
  EXPECT_FALSE(is_link_local(v6("::ffff:169.253.1.1")));
  EXPECT_TRUE(is_v4_mapped(v6("::ffff:1.2.3.4")));
  EXPECT_FALSE(is_v4_mapped(v6("::fffe:1.2.3.4")));
}

TEST(Octets, ConvertsFourOctetsToAnIPv4MappedAddress) {
  const Octets four{192, 0, 2, 1};
  EXPECT_EQ(address_from(four), v6("::ffff:192.0.2.1"));
  const auto sixteen = v6("2001:db8::1");
  EXPECT_EQ(address_from(sixteen), sixteen);
  EXPECT_EQ(address_from({}), v6("::"));
}

TEST(Octets, ReadsAndWritesNumbersInNetworkByteOrder) {
  const Octets octets{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0};
  EXPECT_EQ(big_endian(octets), 0x123456789abcdef0U);
  EXPECT_EQ(big_endian({}), 0U);
  Octets to;
  append_number(to, 0x123456, 4);
  append_number(to, 0x1ff, 1);
  EXPECT_EQ(to_hex(to), "00123456ff");
}

TEST(Hex, ReadsAndWrites) {
  Octets octets;
  ASSERT_TRUE(parse_hex("0x00 ff:AB-cd\n\t12", octets));
  EXPECT_EQ(to_hex(octets), "00ffabcd12");
  ASSERT_TRUE(parse_hex("", octets));
  EXPECT_TRUE(octets.empty());
  octets = {7};
  for (const auto* text : {"0", "abc", "0g", "a b", "12,34", "0x1", "1:2"}) {
    EXPECT_FALSE(parse_hex(text, octets)) << text;
    EXPECT_EQ(octets, Octets{7});
  }
}

TEST(Utf8, FollowsRfc3629) {
  const auto is = [](std::string_view hex) {
    Octets octets;
    EXPECT_TRUE(parse_hex(hex, octets));
    return is_utf8(octets);
  };
  for (const auto* good : {"", "00", "7f", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf",
                           "f0908080", "f48fbfbf", "61c3a462"}) {
    EXPECT_TRUE(is(good)) << good;
  }
  for (const auto* bad :
       {"80",       "bf",     "c0af",   "c1bf",   "c3",       "c328",     "e08080",
        "e09fbf",   "eda080", "edbfbf", "e282",   "f0808080", "f08fbfbf", "f4908080",
        "f5808080", "ff",     "fe",     "f09f98", "61c3",     "e28061"}) {
    EXPECT_FALSE(is(bad)) << bad;
  }
}

}  // namespace
}  // namespace secct
