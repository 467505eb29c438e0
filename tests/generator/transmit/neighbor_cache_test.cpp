// SPDX-License-Identifier: GPL-2.0-or-later
// The frames were derived by hand from RFC 826 and RFC 4861, their checksums verified with scapy.
#include "generator/transmit/neighbor_cache.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator {
namespace {

Octets hex(std::string_view text) {
  Octets octets;
  EXPECT_TRUE(parse_hex(text, octets)) << text;
  return octets;
}

constexpr std::uint64_t second = 1'000'000'000;
constexpr MacAddress our_mac{0x02, 0, 0, 0, 0, 0x01};
const std::string other_mac = "020000000002";

class NeighborCacheTest : public testing::Test {
 protected:
  const Address local_ = test::address("2001:db8::1");
  const Address other_ = test::address("2001:db8::2");
  NeighborCache neighbors_{our_mac, [this](const Address& address) {
                             return address == local_ ||
                                    address == test::address("::ffff:192.0.2.1");
                           }};

  Octets echo_to_other() const {
    return hex(
        "60000000 0008 3a 40 20010db8000000000000000000000001"
        "20010db8000000000000000000000002 8000 0000 0000 0000");
  }
  // The solicited advertisement of `other`, with the Override flag and its MAC address.
  Octets advertisement() const {
    return hex("020000000001" + other_mac +
               "86dd 60000000 0020 3a ff 20010db8000000000000000000000002"
               "20010db8000000000000000000000001"
               "8800 8a71 60000000 20010db8000000000000000000000002 0201 020000000002");
  }
};

TEST_F(NeighborCacheTest, ResolvesDestinationBeforeSending) {
  neighbors_.send(echo_to_other(), 0);
  const auto solicitations = neighbors_.take();
  ASSERT_EQ(solicitations.size(), 1U);
  EXPECT_EQ(to_hex(solicitations[0]),
            to_hex(hex("3333ff000002 020000000001 86dd 60000000 0020 3a ff"
                       "20010db8000000000000000000000001 ff0200000000000000000001ff000002"
                       "8700 1c27 00000000 20010db8000000000000000000000002 0101 020000000001")));
  EXPECT_FALSE(neighbors_.receive(advertisement()));
  const auto sent = neighbors_.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(to_hex(sent[0]),
            to_hex(hex(other_mac + "020000000001 86dd")) + to_hex(echo_to_other()));
  neighbors_.send(echo_to_other(), 2);  // already resolved
  EXPECT_EQ(neighbors_.take().size(), 1U);
}

TEST_F(NeighborCacheTest, SolicitsThreeTimesThenDrops) {
  neighbors_.send(echo_to_other(), 0);
  EXPECT_EQ(neighbors_.take().size(), 1U);
  for (int i = 0; i < 2; ++i) {
    const auto when = neighbors_.deadline();
    ASSERT_TRUE(when);
    EXPECT_EQ(*when, second * (static_cast<unsigned>(i) + 1));
    neighbors_.advance(*when);
    EXPECT_EQ(neighbors_.take().size(), 1U);
  }
  neighbors_.advance(3 * second);
  EXPECT_TRUE(neighbors_.take().empty());
  EXPECT_EQ(neighbors_.dropped(), 1U);
  EXPECT_FALSE(neighbors_.deadline());
}

TEST_F(NeighborCacheTest, AnswersForLocalAddressOnly) {
  auto solicitation = hex("3333ff000001" + other_mac +
                          "86dd 60000000 0020 3a ff 20010db8000000000000000000000002"
                          "ff0200000000000000000001ff000001"
                          "8700 1c27 00000000 20010db8000000000000000000000001 0101 020000000002");
  EXPECT_FALSE(neighbors_.receive(solicitation));
  const auto answer = neighbors_.take();
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(to_hex(answer[0]),
            to_hex(hex(other_mac +
                       "020000000001 86dd 60000000 0020 3a ff 20010db8000000000000000000000001"
                       "20010db8000000000000000000000002"
                       "8800 8a73 60000000 20010db8000000000000000000000001 0201 020000000001")));
  solicitation[21] = 64;  // the hop limit shows that a router forwarded it
  EXPECT_FALSE(neighbors_.receive(solicitation));
  EXPECT_TRUE(neighbors_.take().empty());
}

TEST_F(NeighborCacheTest, AnswersArp) {
  const auto request = hex("ffffffffffff" + other_mac + "0806 0001 0800 06 04 0001" + other_mac +
                           "c0000202 000000000000 c0000201 000000000000000000000000000000000000");
  EXPECT_FALSE(neighbors_.receive(request));
  const auto answer = neighbors_.take();
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(to_hex(View(answer[0]).first(42)),
            to_hex(hex(other_mac + "020000000001 0806 0001 0800 06 04 0002 020000000001 c0000201" +
                       other_mac + "c0000202")));
  EXPECT_TRUE(neighbors_.find(test::address("::ffff:192.0.2.2")));
}

TEST_F(NeighborCacheTest, DeliversLocalDatagramsWithoutPadding) {
  const std::string head = "020000000001" + other_mac + "86dd";
  const std::string ends = "20010db8000000000000000000000002 20010db8000000000000000000000001";
  const auto frame = hex(head + "60000000 0004 3b 40" + ends + "01020304 0000000000");
  const auto datagram = neighbors_.receive(frame);
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram->size(), 44U);
  EXPECT_TRUE(neighbors_.find(other_));
  auto to_other_mac = frame;
  to_other_mac[5] = 9;
  EXPECT_FALSE(neighbors_.receive(to_other_mac));
  // Malformed after the fixed header: the receiver decides.
  EXPECT_TRUE(neighbors_.receive(hex(head + "60000000 0004 3c 40" + ends + "3aff0000")));
}

TEST_F(NeighborCacheTest, IgnoresTruncatedAdvertisements) {
  constexpr std::size_t with_ip_header = 14 + 40;
  const auto whole = advertisement();
  neighbors_.send(echo_to_other(), 0);
  static_cast<void>(neighbors_.take());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    // A frame with a complete IP header is delivered, because the receiver decides.
    EXPECT_EQ(neighbors_.receive(View(whole).first(n)).has_value(), n >= with_ip_header) << n;
  }
}

TEST_F(NeighborCacheTest, SendsMulticastWithoutResolving) {
  auto datagram = echo_to_other();
  std::ranges::copy(test::address("ff02::1:2"), datagram.begin() + 24);
  neighbors_.send(datagram, 0);
  const auto frames = neighbors_.take();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(to_hex(View(frames[0]).first(6)), "333300010002");
}

TEST_F(NeighborCacheTest, SolicitsOnRequest) {
  neighbors_.solicit(other_, local_, 0);
  EXPECT_EQ(neighbors_.take().size(), 1U);
  EXPECT_FALSE(neighbors_.find(other_));
  EXPECT_FALSE(neighbors_.receive(advertisement()));
  EXPECT_EQ(neighbors_.find(other_), (MacAddress{0x02, 0, 0, 0, 0, 0x02}));
  EXPECT_TRUE(neighbors_.take().empty());
}

TEST_F(NeighborCacheTest, BoundsWaitingDatagrams) {
  for (int i = 0; i < 100; ++i) neighbors_.send(echo_to_other(), 0);
  neighbors_.send(Octets{0x50}, 0);  // not an IP datagram
  EXPECT_EQ(neighbors_.dropped(), 100U - 64 + 1);
  EXPECT_EQ(neighbors_.take().size(), 1U);
  EXPECT_FALSE(neighbors_.receive(advertisement()));
  EXPECT_EQ(neighbors_.take().size(), 64U);
}

TEST_F(NeighborCacheTest, BoundsTheTable) {
  auto frame = hex("020000000001" + other_mac +
                   "86dd 60000000 0000 3b 40 20010db8000000000000000000000002"
                   "20010db8000000000000000000000001");
  for (std::uint32_t i = 0; i < 70000; ++i) {
    frame[14 + 20] = static_cast<std::uint8_t>(i >> 16);
    frame[14 + 21] = static_cast<std::uint8_t>(i >> 8);
    frame[14 + 22] = static_cast<std::uint8_t>(i);
    EXPECT_TRUE(neighbors_.receive(frame));
  }
  EXPECT_FALSE(neighbors_.find(test::address("2001:db8::2")));  // the oldest entry
}

}  // namespace
}  // namespace secct::generator
