// SPDX-License-Identifier: GPL-2.0-or-later
// Copies, replays and gaps; the rules themselves are tested by rules_test.cpp.
#include "conversation/sequence_numbers.hpp"

#include <gmock/gmock.h>

namespace secct::conversation {
namespace {

using State = IpsecHeader::State;
using testing::ElementsAre;
using testing::IsEmpty;

class SequenceNumbersTest : public testing::Test {
 protected:
  // Judges a packet; packets with the same number and `icv` are the same. Returns its copy.
  std::uint64_t judge(std::uint32_t sequence, Time time, std::uint8_t icv = 0,
                      State state = State::good) {
    const Octets octets{icv, static_cast<std::uint8_t>(sequence)};
    IpsecHeader header;
    header.spi = spi_;
    header.sequence = sequence;
    header.icv = octets;
    header.state = state;
    violations_.clear();
    const auto copy = numbers_.judge(header, ++frame_, time, window_, violations_);
    complete_since_ = numbers_.complete_since(header);
    return copy;
  }
  std::vector<RuleId> broken() const {
    std::vector<RuleId> all;
    for (const auto& violation : violations_) all.push_back(violation.rule);
    return all;
  }

  std::uint32_t spi_ = 0x1000;
  SequenceNumbers numbers_;
  const ipsec::ReplayWindow* window_ = nullptr;
  std::uint64_t frame_ = 0;
  std::vector<Violation> violations_;
  std::optional<Time> complete_since_;
};

TEST_F(SequenceNumbersTest, PacketCapturedTwiceIsACopy) {
  EXPECT_EQ(judge(1, seconds(1)), 0U);
  EXPECT_EQ(judge(1, seconds(1) + milliseconds(50)), 1U);
  EXPECT_THAT(broken(), IsEmpty());
  EXPECT_EQ(judge(1, seconds(1) + milliseconds(51)), 0U);
  EXPECT_THAT(broken(), ElementsAre(RuleId::sequence_replayed));
}

TEST_F(SequenceNumbersTest, ReplayCapturedTwiceIsReportedOnce) {
  judge(1, seconds(1));
  judge(1, seconds(2));
  EXPECT_EQ(judge(1, seconds(2)), 2U);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(SequenceNumbersTest, BadPacketCapturedTwiceIsReportedOnce) {
  for (const auto state : {State::bad_icv, State::malformed, State::bad_padding}) {
    ++spi_;
    judge(1, seconds(1), 0, state);
    EXPECT_EQ(broken().size(), 1U);
    const auto first = frame_;
    EXPECT_EQ(judge(1, seconds(1), 0, state), first);
    EXPECT_THAT(broken(), IsEmpty());
  }
  ++spi_;
  judge(0, seconds(1));
  EXPECT_THAT(broken(), ElementsAre(RuleId::sequence_zero));
  const auto first = frame_;
  EXPECT_EQ(judge(0, seconds(1)), first);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(SequenceNumbersTest, ForgedPacketDoesNotMoveTheWindow) {
  judge(1, seconds(1));
  judge(1000, seconds(2), 0, State::bad_icv);
  judge(2, seconds(3));
  EXPECT_THAT(broken(), IsEmpty());
  judge(1000, seconds(4), 1);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(SequenceNumbersTest, CopyAfterABurstIsNotReported) {
  for (std::uint32_t i = 1; i <= 100; ++i) judge(i, seconds(1));
  for (std::uint32_t i = 1; i <= 100; ++i) {
    judge(i, seconds(1) + milliseconds(1));
    EXPECT_THAT(broken(), IsEmpty()) << i;
  }
  // The sender restarts later.
  judge(1, seconds(2), 1);
  EXPECT_THAT(broken(), ElementsAre(RuleId::sequence_old));
}

TEST_F(SequenceNumbersTest, ReorderedPacketsAreAccepted) {
  for (const std::uint32_t sequence : {70, 69, 71, 8}) {
    judge(sequence, seconds(sequence));
    EXPECT_THAT(broken(), IsEmpty()) << sequence;
  }
  judge(7, seconds(100));
  EXPECT_THAT(broken(), ElementsAre(RuleId::sequence_old));
}

TEST_F(SequenceNumbersTest, ContinuesTheTransferredWindow) {
  const Octets bits{0xa0};  // 100 and 98 were received
  const ipsec::ReplayWindow window(100, 8, bits);
  window_ = &window;
  judge(100, seconds(1));
  EXPECT_THAT(broken(), ElementsAre(RuleId::sequence_reused));
  judge(99, seconds(2));
  EXPECT_THAT(broken(), IsEmpty());
  judge(92, seconds(3));
  EXPECT_THAT(broken(), ElementsAre(RuleId::sequence_old));
  judge(101, seconds(4));
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(SequenceNumbersTest, KnowsSinceWhenNothingIsMissing) {
  EXPECT_EQ(numbers_.complete_since({}), std::nullopt);
  judge(1, seconds(1));
  EXPECT_EQ(complete_since_, 0U);
  judge(2, seconds(2));
  EXPECT_EQ(complete_since_, 0U);
  judge(4, seconds(3));
  EXPECT_EQ(complete_since_, seconds(3));
  judge(3, seconds(4));  // reordered
  EXPECT_EQ(complete_since_, seconds(3));
  judge(5, seconds(5));
  judge(5, seconds(5));  // a copy
  EXPECT_EQ(complete_since_, seconds(3));
  judge(1, seconds(6), 1);  // the sender restarts
  EXPECT_EQ(complete_since_, seconds(6));
  ++spi_;
  judge(7, seconds(7));
  EXPECT_EQ(complete_since_, seconds(7));
  numbers_.clear();
  judge(8, seconds(8));
  EXPECT_EQ(complete_since_, seconds(8));
}

TEST_F(SequenceNumbersTest, ForgetsTheLongestSilentSas) {
  constexpr std::uint32_t most = 1 << 16;
  judge(10, seconds(1));
  for (std::uint32_t i = 1; i < most; ++i) {
    spi_ = 0x10000 + i;
    judge(10, seconds(2));
  }
  spi_ = 0x1000;
  judge(10, seconds(3), 1);
  EXPECT_THAT(broken(), ElementsAre(RuleId::sequence_reused));
  spi_ = 0x1001;
  judge(10, seconds(4));
  spi_ = 0x10001;  // the first one that is forgotten
  judge(10, seconds(5), 1);
  EXPECT_THAT(broken(), IsEmpty());
  spi_ = 0x1000;
  judge(10, seconds(6), 2);
  EXPECT_THAT(broken(), ElementsAre(RuleId::sequence_reused));
}

}  // namespace
}  // namespace secct::conversation
