// SPDX-License-Identifier: GPL-2.0-or-later
// Registrations and their extensions, octets from RFC 3344.
#include "protocol/decode/mip4.hpp"

#include <gtest/gtest.h>

namespace secct {
namespace {

Octets request(Octets extensions = {}) {
  Octets octets(24);
  octets[0] = 1;
  append(octets, extensions);
  return octets;
}

TEST(Registration, IsRecognisedByItsTypeAndACompleteFixedPart) {
  const auto whole = request();
  ASSERT_NE(find_registration(whole), nullptr);
  EXPECT_EQ(find_registration(whole)->carrier, Carrier::mip4_request);
  EXPECT_EQ(find_registration(View(whole).first(23)), nullptr);
  Octets reply(20);
  reply[0] = 3;
  ASSERT_NE(find_registration(reply), nullptr);
  EXPECT_EQ(find_registration(reply)->carrier, Carrier::mip4_reply);
  reply[0] = 2;
  EXPECT_EQ(find_registration(reply), nullptr);
  EXPECT_EQ(find_registration({}), nullptr);
}

TEST(Registration, IsThePayloadToOrFromPort434) {
  Octets udp = {0x01, 0xb2, 0x10, 0x00, 0, 9, 0, 0, 1};  // from 434
  EXPECT_EQ(registration_payload(udp).size(), 1U);
  std::swap_ranges(udp.begin(), udp.begin() + 2, udp.begin() + 2);
  EXPECT_EQ(registration_payload(udp).size(), 1U);
  udp[3] = 0xb3;
  EXPECT_TRUE(registration_payload(udp).empty());
  EXPECT_TRUE(registration_payload(View(udp).first(8)).empty());
}

TEST(MipExtensions, AreReturnedInOrderWithoutPadding) {
  const Octets octets = {0, 32, 1, 0xaa, 0, 0, 145, 0};
  MipExtensions walk(octets);
  auto found = walk.next();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, 1U);
  EXPECT_EQ(to_hex(found->octets), "2001aa");
  EXPECT_TRUE(found->whole());
  found = walk.next();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, 6U);
  EXPECT_EQ(to_hex(found->octets), "9100");
  EXPECT_FALSE(walk.next());
}

TEST(MipExtensions, FollowTheLongFormats) {
  // Vendor extension, RFC 3115 3: type, reserved, length in two octets.
  Octets octets = {38, 0, 1, 4};
  octets.resize(4 + 260);
  octets.push_back(32);
  octets.push_back(0);
  MipExtensions walk(octets);
  const auto vendor = walk.next();
  ASSERT_TRUE(vendor);
  EXPECT_EQ(vendor->octets.size(), 264U);
  const auto behind = walk.next();
  ASSERT_TRUE(behind);
  EXPECT_EQ(to_hex(behind->octets), "2000");
}

TEST(MipExtensions, ReportAnExtensionPastTheEnd) {
  const Octets octets = {145, 9, 1};
  MipExtensions walk(octets);
  const auto found = walk.next();
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->whole());
  EXPECT_EQ(found->claimed, 11U);
  EXPECT_EQ(found->octets.size(), 3U);
  EXPECT_FALSE(walk.next());

  const Octets one = {145};
  MipExtensions short_walk(one);
  const auto without_length = short_walk.next();
  ASSERT_TRUE(without_length);
  EXPECT_FALSE(without_length->whole());
  EXPECT_FALSE(short_walk.next());
}

}  // namespace
}  // namespace secct
