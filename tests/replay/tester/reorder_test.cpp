// SPDX-License-Identifier: GPL-2.0-or-later
// What a network may do to packets is not held against the router: overtaking, doubling.
#include "replay/wire/duplicate_filter.hpp"
#include "tests/replay/router/router_fixture.hpp"

namespace secct::replay {
namespace {

class Reordered : public RouterFixture {
 protected:
  // `count` packets of the router under one SA, in order.
  std::vector<Octets> packets(std::size_t count) {
    std::vector<Octets> all;
    for (std::uint32_t i = 0; i < count; ++i) {
      Handover handover(description_, role_, i + 1, static_cast<std::uint16_t>(i + 1), counters_);
      give(handover.shin(1), 0);
      for (auto& datagram : router_.take()) all.push_back(std::move(datagram));
    }
    EXPECT_EQ(all.size(), count);
    return all;
  }
  // What is wrong with the packet, as seen by `observer`.
  std::string wrong(PacketInspector& observer, const Octets& packet) {
    ReceivedPacket seen;
    observer.observe(packet, keys_, seen);
    return seen.broken.empty() ? "" : seen.broken[0].text;
  }
};

TEST_F(Reordered, OvertakingIsToleratedWhereItCanHappen) {
  const auto all = packets(3);
  PacketInspector strict(description_.codepoints);
  PacketInspector tolerant(description_.codepoints, PacketInspector::Order::may_change);
  for (const auto place : {0U, 2U, 1U}) {
    EXPECT_EQ(wrong(tolerant, all[place]), "");
    EXPECT_EQ(wrong(strict, all[place]), place == 1 ? "the sequence number does not rise" : "");
  }
  // A number that was there is used twice, whatever the order.
  EXPECT_EQ(wrong(tolerant, all[1]), "a sequence number is used twice");
  EXPECT_EQ(wrong(strict, all[2]), "a sequence number is used twice");
}

TEST_F(Reordered, WhatHasLeftTheWindowIsTooLate) {
  const auto all = packets(ReplayWindow::default_size + 2);
  PacketInspector observer(description_.codepoints, PacketInspector::Order::may_change);
  EXPECT_EQ(wrong(observer, all.back()), "");
  EXPECT_EQ(wrong(observer, all[2]), "");  // the last one that a receiver takes
  EXPECT_EQ(wrong(observer, all[1]), "the sequence number does not rise");
}

TEST(DuplicateFilter, TheSameAgainAtOnceIsOneLaterItIsNot) {
  DuplicateFilter copies(milliseconds(50));
  const Octets one{1, 2, 3};
  const Octets other{1, 2, 4};
  EXPECT_FALSE(copies.is_duplicate(one, milliseconds(0)));
  EXPECT_FALSE(copies.is_duplicate(other, milliseconds(1)));
  EXPECT_TRUE(copies.is_duplicate(one, milliseconds(49)));
  EXPECT_FALSE(copies.is_duplicate(one, milliseconds(50)));  // sent again
  EXPECT_TRUE(copies.is_duplicate(one, milliseconds(99)));
}

}  // namespace
}  // namespace secct::replay
