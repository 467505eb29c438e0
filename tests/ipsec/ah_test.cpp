// SPDX-License-Identifier: GPL-2.0-or-later
// AH ICVs over extension headers, IPv4 options and tunnels: tests/vectors/ah.list, which an
// implementation in Python makes and scapy confirms.
#include "ipsec/ah.hpp"

#include <algorithm>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "ipsec/algorithms.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/redacted.hpp"
#include "tests/generator/support.hpp"

namespace secct::ipsec::test {
namespace {

using files::to_number;
using generator::test::octets;
using generator::test::read_table;

struct Vector {
  std::string name;
  std::string state;
  Sa sa;
  std::size_t ah_offset = 0;
  Octets packet;
};

const std::vector<Vector>& vectors() {
  static const auto all = [] {
    std::vector<Vector> list;
    for (const auto& row : read_table("tests/vectors/ah.list")) {
      Vector v{row.at(0), row.at(1), {}, *to_number(row.at(5)), octets(row.at(7))};
      v.sa.spi = static_cast<std::uint32_t>(*to_number(row.at(2)));
      v.sa.auth = find_auth_algorithm(row.at(3)).value();
      v.sa.auth_key = octets(row.at(4));
      list.push_back(std::move(v));
    }
    return list;
  }();
  return all;
}

const Vector& vector(std::string_view name) {
  return *std::ranges::find(vectors(), name, &Vector::name);
}

AhState expected(const std::string& state) {
  static const std::map<std::string, AhState> states{{"good", AhState::good},
                                                     {"accepted", AhState::good},
                                                     {"bad", AhState::bad_icv},
                                                     {"unverified", AhState::unverifiable},
                                                     {"malformed", AhState::malformed}};
  return states.at(state);
}

TEST(Ah, VerifiesTheIcvsOfAnotherImplementation) {
  ASSERT_GE(vectors().size(), 200U);
  for (const auto& v : vectors()) {
    EXPECT_EQ(verify_ah(v.packet, v.ah_offset, v.sa), expected(v.state)) << v.name;
  }
}

TEST(Ah, ComputesTheIcvsOfAnotherImplementation) {
  for (const auto& v : vectors()) {
    if (v.state != "good") continue;
    const auto icv = View(v.packet).subspan(v.ah_offset + ah_fixed_octets, icv_octets);
    EXPECT_EQ(to_hex(ah_icv(v.packet, v.ah_offset, v.sa)), to_hex(icv)) << v.name;
  }
}

TEST(Ah, RejectsEveryIcvOfAnotherKey) {
  for (auto v : vectors()) {
    v.sa.auth_key[5] ^= 1;
    EXPECT_NE(verify_ah(v.packet, v.ah_offset, v.sa), AhState::good) << v.name;
  }
}

// A datagram that a capture truncated is not read beyond its end.
TEST(Ah, IsMalformedIfTheIcvIsTruncated) {
  for (const auto& v : vectors()) {
    for (auto size = v.ah_offset; size < v.ah_offset + ah_fixed_octets + icv_octets; ++size) {
      EXPECT_EQ(verify_ah(View(v.packet).first(size), v.ah_offset, v.sa), AhState::malformed);
    }
    for (auto size = v.ah_offset + ah_fixed_octets + icv_octets; size < v.packet.size(); ++size) {
      EXPECT_NE(verify_ah(View(v.packet).first(size), v.ah_offset, v.sa), AhState::good) << v.name;
    }
  }
}

TEST(Ah, IsUnverifiableWithoutAlgorithm) {
  auto v = vector("v6");
  v.sa.auth = AuthAlgorithm::none;
  EXPECT_EQ(verify_ah(v.packet, v.ah_offset, v.sa), AhState::unverifiable);
}

TEST(Ah, IsUnverifiableIfTheIcvIsRedacted) {
  auto v = vector("v6");
  const auto icv = std::span(v.packet).subspan(v.ah_offset + ah_fixed_octets, icv_octets);
  mark_redacted_icv(icv);
  EXPECT_EQ(verify_ah(v.packet, v.ah_offset, v.sa), AhState::unverifiable);
  icv[0] ^= 1;
  EXPECT_EQ(verify_ah(v.packet, v.ah_offset, v.sa), AhState::bad_icv);
}

TEST(Ah, IsUnverifiableIfTheLengthIsZero) {
  for (const auto* name : {"v4", "v6"}) {
    auto v = vector(name);
    const std::ptrdiff_t at = v.packet[0] >> 4 == 4 ? 2 : 4;
    std::fill_n(v.packet.begin() + at, 2, std::uint8_t{0});
    EXPECT_EQ(verify_ah(v.packet, v.ah_offset, v.sa), AhState::unverifiable);
  }
}

// Garbage in the headers before the AH must not be read beyond its end.
TEST(Ah, AnyOctetsCanBeVerified) {
  std::mt19937 random(13);
  for (const auto& v : vectors()) {
    for (int i = 0; i < 50; ++i) {
      auto packet = v.packet;
      const auto at = generator::test::below(random, v.ah_offset);
      packet[at] = static_cast<std::uint8_t>(random());
      static_cast<void>(verify_ah(packet, v.ah_offset, v.sa));
      static_cast<void>(ah_coverage(packet, v.ah_offset));
    }
  }
}

// The second AH covers the packet without the first one, which its receiver has removed.
TEST(Ah, TwoAhsAreRemovedOneAfterTheOther) {
  const auto& outer = vector("v6-ah-ah-outer");
  const auto& inner = vector("v6-ah-ah-inner");
  auto datagram = parse_datagram(outer.packet);
  const auto first = decapsulate_ah(*datagram, datagram->chain[0], outer.sa);
  ASSERT_EQ(first.error, IpsecError::none);
  datagram = parse_datagram(first.datagram);
  EXPECT_EQ(decapsulate_ah(*datagram, datagram->chain[0], inner.sa).error, IpsecError::none);
}

}  // namespace
}  // namespace secct::ipsec::test
