// SPDX-License-Identifier: GPL-2.0-or-later
// Security profile types: docs/wire-format.md section 7.1.
#include "protocol/tables/spt.hpp"

#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "protocol/tables/layout.hpp"

namespace secct {
namespace {

TEST(Spt, HasTheNamesOfTheDraftIfAssigned) {
  constexpr std::pair<std::uint16_t, const char*> names[] = {
      {1, "AH-TRANSPORT-HMACMD5-V4"},   {2, "AH-TRANSPORT-HMACSHA1-V4"},
      {3, "AH-TUNNEL-HMACMD5-V6"},      {4, "AH-TUNNEL-HMACSHA1-V6"},
      {5, "ESP-TRANSPORT-DES-CBC-V6"},  {6, "ESP-TUNNEL-DES-CBC-V6"},
      {7, "ESP-TRANSPORT-3DES-CBC-V6"}, {8, "ESP-TUNNEL-3DES-CBC-V6"},
      {9, "ESP-TRANSPORT-AES-CBC-V6"},  {10, "ESP-TUNNEL-AES-CBC-V6"}};
  EXPECT_EQ(assigned_spts().size(), std::size(names));
  for (const auto& [number, name] : names) {
    EXPECT_EQ(spt_name(number), name);
    EXPECT_EQ(parse_spt(name), number);
    EXPECT_EQ(spt_number(*find_spt(number)), number);
    EXPECT_EQ(find_spt(number)->source_v4, number <= 2);
    EXPECT_EQ(find_spt(number)->destination_v4, number <= 2);
    EXPECT_FALSE(find_spt(number)->structured());
  }
}

// Numbers that were composed by hand from the table of bits.
TEST(Spt, HasANameThatListsItsProperties) {
  constexpr std::pair<std::uint16_t, const char*> names[] = {
      {0xb308, "ESP-TUNNEL-AES-CBC-V6-V6-MB"},
      {0x8280, "AH-TRANSPORT-HMACSHA1-V4-V6"},
      {0x9140, "AH-TUNNEL-HMACMD5-V6-V4"},
      {0xb270, "ESP-TUNNEL-3DES-CBC-V6P-V4P"},
      {0xa400, "ESP-TRANSPORT-NULL-V6-V6"},
      {0xb1c4, "ESP-TUNNEL-DES-CBC-V4-V4-SP"},
      {0xc100, "IPCOMP-TRANSPORT-DEFLATE-V6-V6"},
      {0xd2c0, "IPCOMP-TUNNEL-LZS-V4-V4"},
      {0xa302, "ESP-TRANSPORT-AES-CBC-V6-V6-ASD"},
      {0xa3fe, "ESP-TRANSPORT-AES-CBC-V4P-V4P-MB-SP-ASD"}};
  for (const auto& [number, name] : names) {
    EXPECT_EQ(spt_name(number), name);
    EXPECT_EQ(parse_spt(name), number) << name;
  }
}

TEST(Spt, IsFoundByNumberAndByName) {
  std::set<std::string> names;
  for (std::uint32_t n = 0x8000; n <= 0xffff; ++n) {
    const auto number = static_cast<std::uint16_t>(n);
    const auto algorithm = n >> 8 & 15;
    constexpr std::uint32_t algorithms[] = {2, 4, 2, 0};  // of AH, ESP, IPComp, unknown
    const bool known = algorithm >= 1 && algorithm <= algorithms[n >> 13 & 3];
    const auto spt = find_spt(number);
    ASSERT_EQ(spt.has_value(), known) << n;
    if (!known) {
      EXPECT_EQ(spt_name(number), "Unknown");
      continue;
    }
    EXPECT_EQ(static_cast<std::uint32_t>(spt->protocol), n >> 13 & 3);
    EXPECT_EQ(spt->tunnel, (n >> 12 & 1) != 0);
    EXPECT_EQ(spt->algorithm, algorithm);
    EXPECT_EQ(spt->source_v4, (n & 0x80) != 0);
    EXPECT_EQ(spt->destination_v4, (n & 0x40) != 0);
    EXPECT_EQ(spt->source_private, (n & 0x20) != 0);
    EXPECT_EQ(spt->destination_private, (n & 0x10) != 0);
    EXPECT_EQ(spt->megabytes, (n & 8) != 0);
    EXPECT_EQ(spt->static_profile, (n & 4) != 0);
    EXPECT_EQ(spt->additional, (n & 2) != 0);
    EXPECT_EQ(structured_spt_number(*spt), n & 0xfffe);
    EXPECT_EQ(parse_spt(spt_name(number)), n & 0xfffe);
    // The assigned SPT with the same properties, or the structured one if there is none.
    const auto again = find_spt(spt_number(*spt));
    ASSERT_TRUE(again);
    EXPECT_EQ(profile_traits(*again), profile_traits(*spt));
    EXPECT_EQ(again->algorithm, spt->algorithm);
    EXPECT_EQ(names.insert(spt_name(number)).second, n % 2 == 0) << n;
  }
  EXPECT_EQ(names.size(), 2048U);
}

TEST(Spt, IsAnAssignedOneIfPossible) {
  EXPECT_EQ(spt_number(*find_spt(0xb300)), 10);  // ESP-TUNNEL-AES-CBC-V6-V6
  EXPECT_EQ(spt_number(*find_spt(0x81c0)), 1);
  EXPECT_EQ(spt_number(*find_spt(0xb308)), 0xb308);
  EXPECT_EQ(structured_spt_number(*find_spt(10)), 0xb300);
}

TEST(Spt, IsUnknownForOtherNumbersAndNames) {
  for (std::uint16_t number :
       {0, 11, 255, 256, 0x7fff, 0x8000, 0x8300, 0xa000, 0xa500, 0xc300, 0xe100}) {
    EXPECT_FALSE(find_spt(number)) << number;
    EXPECT_EQ(spt_name(number), "Unknown");
  }
  for (const auto* name :
       {"", "AH", "ESP-TUNNEL-AES-CBC", "ESP-TUNNEL-AES-CBC-V5", "ESP-TUNNEL-AES-CBC-V6-",
        "ESP-TUNNEL-AES-CBC-V6-V6-", "ESP-TUNNEL-AES-CBC-V6-V6-MB-", "ESP-TUNNEL-AES-CBC-V6-V6-XX",
        "ESP-TUNNEL-AES-CBC-V6-V6-ASD-MB", "ESP-TUNNEL-AES-CBC-V6-V6-MB-MB",
        "-ESP-TUNNEL-NULL-V6-V6", "AH-TUNNEL-AES-CBC-V6-V6", "ESP-TUNNEL-HMACMD5-V6-V6",
        "esp-tunnel-null-v6-v6", "AH-TRANSPORT-HMACMD5-V6", "ESP-TUNNEL-NULL-V6PP-V6",
        "ESP-TUNNEL-NULL-V6P", "Unknown", "ESP-TUNNEL-NULL--V6-V6"}) {
    EXPECT_EQ(parse_spt(name), std::nullopt) << name;
  }
}

// docs/wire-format.md 7.2: Key Length and transform data.
TEST(Spt, DeterminesKeyLengthsAndIvs) {
  struct Row {
    const char* name;
    std::set<unsigned> keys;
    unsigned iv;
  };
  const Row rows[] = {
      {"AH-TUNNEL-HMACMD5-V6-V6", {16}, 0},           {"AH-TUNNEL-HMACSHA1-V6-V6", {20}, 0},
      {"ESP-TUNNEL-DES-CBC-V6-V6", {8}, 8},           {"ESP-TUNNEL-3DES-CBC-V6-V6", {24}, 8},
      {"ESP-TUNNEL-AES-CBC-V6-V6", {16, 24, 32}, 16}, {"ESP-TUNNEL-NULL-V6-V6", {0}, 0},
      {"IPCOMP-TUNNEL-DEFLATE-V6-V6", {0}, 0},        {"IPCOMP-TUNNEL-LZS-V6-V6", {0}, 0}};
  for (const auto& row : rows) {
    const auto spt = *find_spt(*parse_spt(row.name));
    for (unsigned octets = 0; octets < 256; ++octets) {
      EXPECT_EQ(spt.key_length_fits(static_cast<std::uint8_t>(octets)), row.keys.contains(octets))
          << row.name << ' ' << octets;
    }
    EXPECT_EQ(spt.key_length(), *row.keys.begin()) << row.name;
    EXPECT_EQ(spt.iv_length(), row.iv) << row.name;
  }
  EXPECT_EQ(aes_rounds(16), 10);
  EXPECT_EQ(aes_rounds(24), 12);
  EXPECT_EQ(aes_rounds(32), 14);
}

}  // namespace
}  // namespace secct
