// SPDX-License-Identifier: GPL-2.0-or-later
// The anti-replay window, compared with a model that stores all received numbers.
#include "ipsec/replay_window.hpp"

#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

struct Model {
  std::uint64_t highest;
  std::uint64_t size;
  std::set<std::uint64_t> received{};

  bool is_new(std::uint64_t number) const {
    return number != 0 && number + size > highest && !received.contains(number);
  }
  bool accept(std::uint64_t number) {
    if (!is_new(number)) return false;
    received.insert(number);
    highest = std::max(highest, number);
    return true;
  }
};

TEST(ReplayWindow, AgreesWithTheModel) {
  std::mt19937 random(1);
  for (const std::uint32_t size : {1U, 7U, 8U, 32U, 64U, 255U}) {
    for (int run = 0; run < 20; ++run) {
      const std::uint32_t start = below(random, 400);
      Octets bits((size + 7) / 8);
      for (auto& octet : bits) octet = static_cast<std::uint8_t>(random());
      ReplayWindow window(start, size, bits);
      Model model{start, size};
      for (std::uint32_t i = 0; i < size && i <= start; ++i) {
        if ((bits[i / 8] & 0x80 >> i % 8) != 0) model.received.insert(start - i);
      }
      for (int step = 0; step < 300; ++step) {
        const auto spread = below(random, 10) == 0 ? 3 * size : size;
        const auto number = static_cast<std::uint32_t>(model.highest) + below(random, spread + 2);
        const auto sequence = number > size ? number - below(random, size + 2) : number;
        EXPECT_EQ(window.is_new(sequence), model.is_new(sequence)) << sequence;
        EXPECT_EQ(window.accept(sequence), model.accept(sequence)) << sequence;
        EXPECT_EQ(window.highest(), model.highest);
      }
    }
  }
}

TEST(ReplayWindow, AcceptsEachNumberOnce) {
  ReplayWindow window;
  EXPECT_EQ(window.size(), 64U);
  EXPECT_FALSE(window.accept(0));  // RFC 2402 section 3.3.2: the first number is 1
  for (std::uint32_t i = 1; i < 200; ++i) {
    EXPECT_TRUE(window.accept(i));
    EXPECT_FALSE(window.accept(i));
  }
}

TEST(ReplayWindow, RejectsNumbersLeftOfTheWindow) {
  ReplayWindow window(100, 32, Octets(4));
  EXPECT_TRUE(window.is_new(69));
  EXPECT_FALSE(window.is_new(68));
  EXPECT_TRUE(window.accept(101));
  EXPECT_FALSE(window.is_new(69));
}

TEST(ReplayWindow, LargeStepClearsTheWindow) {
  ReplayWindow window(100, 64, Octets(8, 0xff));
  EXPECT_TRUE(window.accept(1000));
  EXPECT_EQ(to_hex(window.bits()), "8000000000000000");
  EXPECT_TRUE(window.accept(999));
  EXPECT_FALSE(window.accept(936));
  EXPECT_TRUE(window.accept(937));
  EXPECT_EQ(to_hex(window.bits()), "c000000000000001");
}

TEST(ReplayWindow, DoesNotWrapAfterTheLargestNumber) {
  constexpr auto last = std::numeric_limits<std::uint32_t>::max();
  ReplayWindow window(1, 64, {});
  EXPECT_TRUE(window.accept(last));
  EXPECT_FALSE(window.accept(last));
  EXPECT_TRUE(window.accept(last - 63));
  EXPECT_FALSE(window.accept(last - 64));
  EXPECT_FALSE(window.accept(0));
}

// wire-format 7.2: the first bit is the Current Sequence Number, the next bit one number lower.
TEST(ReplayWindow, ReadsAndWritesBitsOfProfile) {
  ReplayWindow window(200, 12, octets("a550"));
  EXPECT_FALSE(window.is_new(200));
  EXPECT_TRUE(window.is_new(199));
  EXPECT_FALSE(window.is_new(198));
  EXPECT_EQ(to_hex(window.bits()), "a550");
  EXPECT_TRUE(window.accept(199));
  EXPECT_EQ(to_hex(window.bits()), "e550");
  EXPECT_TRUE(window.accept(203));
  EXPECT_EQ(to_hex(window.bits()), "9ca0");  // 1001 1100 1010, four bits of padding
}

TEST(ReplayWindow, WithoutBitsAllLowerNumbersAreReceived) {
  ReplayWindow window(500, 0, {});
  EXPECT_EQ(window.size(), 64U);
  for (std::uint32_t i = 400; i <= 500; ++i) EXPECT_FALSE(window.is_new(i));
  EXPECT_TRUE(window.accept(501));
  EXPECT_EQ(to_hex(window.bits()), "ffffffffffffffff");
}

TEST(ReplayWindow, MissingBitsAreNotReceived) {
  const ReplayWindow window(500, 16, octets("ff"));
  EXPECT_FALSE(window.is_new(493));
  EXPECT_TRUE(window.is_new(492));
}

}  // namespace
}  // namespace secct::generator::test
