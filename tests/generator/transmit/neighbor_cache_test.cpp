// SPDX-License-Identifier: GPL-2.0-or-later
// Frames worked out by hand from RFC 826 and RFC 4861; their checksums were checked with scapy.
#include "generator/transmit/neighbor_cache.hpp"

#include <gtest/gtest.h>

namespace secct::generator {
namespace {

Octets hex(std::string_view text) {
  Octets octets;
  EXPECT_TRUE(parse_hex(text, octets)) << text;
  return octets;
}

Address v6(std::string_view text) {
  Address address{};
  EXPECT_TRUE(parse_v6(text, address)) << text;
  return address;
}

constexpr std::uint64_t second = 1'000'000'000;
constexpr MacAddress our_mac{0x02, 0, 0, 0, 0, 0x01};
const std::string other_mac = "020000000002";

class NeighboursTest : public testing::Test {
 protected:
  const Address ours = v6("2001:db8::1");
  const Address other = v6("2001:db8::2");
  NeighborCache neighbors{our_mac, [this](const Address& address) {
                            return address == ours || address == v6("::ffff:192.0.2.1");
                          }};

  Octets echo_to_other() const {
    return hex(
        "60000000 0008 3a 40 20010db8000000000000000000000001"
        "20010db8000000000000000000000002 8000 0000 0000 0000");
  }
  // The other one's advertisement for its address, solicited, override, with its MAC.
  Octets advertisement() const {
    return hex("020000000001" + other_mac +
               "86dd 60000000 0020 3a ff 20010db8000000000000000000000002"
               "20010db8000000000000000000000001"
               "8800 8a71 60000000 20010db8000000000000000000000002 0201 020000000002");
  }
};

TEST_F(NeighboursTest, AsksBeforeItSends) {
  neighbors.send(echo_to_other(), 0);
  const auto asked = neighbors.take();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(to_hex(asked[0]),
            to_hex(hex("3333ff000002 020000000001 86dd 60000000 0020 3a ff"
                       "20010db8000000000000000000000001 ff0200000000000000000001ff000002"
                       "8700 1c27 00000000 20010db8000000000000000000000002 0101 020000000001")));
  EXPECT_FALSE(neighbors.receive(advertisement(), 1));
  const auto sent = neighbors.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(to_hex(sent[0]),
            to_hex(hex(other_mac + "020000000001 86dd")) + to_hex(echo_to_other()));
  neighbors.send(echo_to_other(), 2);  // known now
  EXPECT_EQ(neighbors.take().size(), 1U);
}

TEST_F(NeighboursTest, AsksThreeTimesThenGivesUp) {
  neighbors.send(echo_to_other(), 0);
  EXPECT_EQ(neighbors.take().size(), 1U);
  for (int i = 0; i < 2; ++i) {
    const auto when = neighbors.deadline();
    ASSERT_TRUE(when);
    EXPECT_EQ(*when, second * (static_cast<unsigned>(i) + 1));
    neighbors.advance(*when);
    EXPECT_EQ(neighbors.take().size(), 1U);
  }
  neighbors.advance(3 * second);
  EXPECT_TRUE(neighbors.take().empty());
  EXPECT_EQ(neighbors.dropped(), 1U);
  EXPECT_FALSE(neighbors.deadline());
}

TEST_F(NeighboursTest, AnswersForItsOwnAddressOnly) {
  auto solicitation = hex("3333ff000001" + other_mac +
                          "86dd 60000000 0020 3a ff 20010db8000000000000000000000002"
                          "ff0200000000000000000001ff000001"
                          "8700 1c27 00000000 20010db8000000000000000000000001 0101 020000000002");
  EXPECT_FALSE(neighbors.receive(solicitation, 0));
  const auto answer = neighbors.take();
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(to_hex(answer[0]),
            to_hex(hex(other_mac +
                       "020000000001 86dd 60000000 0020 3a ff 20010db8000000000000000000000001"
                       "20010db8000000000000000000000002"
                       "8800 8a73 60000000 20010db8000000000000000000000001 0201 020000000001")));
  solicitation[21] = 64;  // from beyond a router: hop limit
  EXPECT_FALSE(neighbors.receive(solicitation, 0));
  EXPECT_TRUE(neighbors.take().empty());
}

TEST_F(NeighboursTest, Arp) {
  const auto request = hex("ffffffffffff" + other_mac + "0806 0001 0800 06 04 0001" + other_mac +
                           "c0000202 000000000000 c0000201 000000000000000000000000000000000000");
  EXPECT_FALSE(neighbors.receive(request, 0));
  const auto answer = neighbors.take();
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(to_hex(View(answer[0]).first(42)),
            to_hex(hex(other_mac + "020000000001 0806 0001 0800 06 04 0002 020000000001 c0000201" +
                       other_mac + "c0000202")));
  EXPECT_TRUE(neighbors.known(v6("::ffff:192.0.2.2")));
}

TEST_F(NeighboursTest, DatagramsForUsOnlyAndWithoutPadding) {
  const std::string head = "020000000001" + other_mac + "86dd";
  const std::string ends = "20010db8000000000000000000000002 20010db8000000000000000000000001";
  const auto frame = hex(head + "60000000 0004 3b 40" + ends + "01020304 0000000000");
  const auto datagram = neighbors.receive(frame, 0);
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram->size(), 44U);
  EXPECT_TRUE(neighbors.known(other));
  auto to_other_mac = frame;
  to_other_mac[5] = 9;
  EXPECT_FALSE(neighbors.receive(to_other_mac, 0));
  // Broken behind the fixed header: for the router to refuse, not for us.
  EXPECT_TRUE(neighbors.receive(hex(head + "60000000 0004 3c 40" + ends + "3aff0000"), 0));
}

TEST_F(NeighboursTest, EveryCutFrameIsHarmless) {
  constexpr std::size_t with_ip_header = 14 + 40;
  const auto whole = advertisement();
  neighbors.send(echo_to_other(), 0);
  static_cast<void>(neighbors.take());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    // What says that it is for us goes up, for the router to refuse; no cut one advertises
    // anything.
    EXPECT_EQ(neighbors.receive(View(whole).first(n), 0).has_value(), n >= with_ip_header) << n;
  }
}

TEST_F(NeighboursTest, TableIsBounded) {
  auto frame = hex("020000000001" + other_mac +
                   "86dd 60000000 0000 3b 40 20010db8000000000000000000000002"
                   "20010db8000000000000000000000001");
  for (std::uint32_t i = 0; i < 70000; ++i) {
    frame[14 + 20] = static_cast<std::uint8_t>(i >> 16);
    frame[14 + 21] = static_cast<std::uint8_t>(i >> 8);
    frame[14 + 22] = static_cast<std::uint8_t>(i);
    EXPECT_TRUE(neighbors.receive(frame, 0));
  }
  EXPECT_FALSE(neighbors.known(v6("2001:db8::2")));  // the oldest went first
}

}  // namespace
}  // namespace secct::generator
