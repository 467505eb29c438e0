// SPDX-License-Identifier: GPL-2.0-or-later
// Sending is tested with interfaces in tests/e2e/cli/send.py.
#include "generator/transmit/transmit.hpp"

#include <gtest/gtest.h>

namespace secct::generator {
namespace {

Address v6(std::string_view text) {
  Address address{};
  EXPECT_TRUE(parse_v6(text, address)) << text;
  return address;
}

TEST(Transmit, RecognisesHarmlessDestinations) {
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
    EXPECT_TRUE(is_harmless_destination(v6(harmless))) << harmless;
  }
  for (const auto* other :
       {"2600::1", "2001:db7:ffff::1", "2001:db9::1", "2001:4860:4860::8888", "fec0::1", "ff05::1",
        "ff0e::1", "::2", "2001:2:1::1", "3fff:1000::1", "::ffff:8.8.8.8", "::ffff:11.0.0.1",
        "::ffff:172.15.255.255", "::ffff:172.32.0.0", "::ffff:192.169.0.1", "::ffff:198.20.0.1",
        "::ffff:224.0.1.1", "::ffff:239.1.1.1", "::ffff:255.255.255.254"}) {
    EXPECT_FALSE(is_harmless_destination(v6(other))) << other;
  }
}

TEST(Transmit, FindsDestinationAfterVlanTags) {
  const std::string macs = "020000000002020000000001";
  const std::string ip =
      "60000000 0000 3b 40 20010db8000000000000000000000001"
      "20010db8000000000000000000000002";
  for (const auto* types : {"86dd", "8100 0001 86dd", "88a8 0001 8100 0002 86dd"}) {
    Octets frame;
    ASSERT_TRUE(parse_hex(macs + types + ip, frame));
    EXPECT_EQ(frame_destination(frame), v6("2001:db8::2")) << types;
    for (std::size_t n = 0; n < frame.size(); ++n) {
      EXPECT_FALSE(frame_destination(View(frame).first(n))) << types << ' ' << n;
    }
  }
  Octets arp;
  ASSERT_TRUE(parse_hex(macs + "0806 0001 0800 06 04 0001", arp));
  EXPECT_FALSE(frame_destination(arp));
}

TEST(Transmit, RateCountsIntervalsBetweenFrames) {
  TransmitReport report;
  EXPECT_EQ(report.rate(), 0);
  report.frames = 11;
  report.seconds = 2;
  EXPECT_EQ(report.rate(), 5);
}

TEST(Transmit, ReportsMissingInterfaces) {
  EXPECT_THROW(interface_info("no-such-interface"), SetupError);
  EXPECT_THROW(interface_info("a-name-that-is-too-long-for-linux"), SetupError);
}

}  // namespace
}  // namespace secct::generator
