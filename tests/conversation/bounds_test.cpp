// SPDX-License-Identifier: GPL-2.0-or-later
// The memory of the engine is bounded, whatever a capture contains.
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "conversation/handovers.hpp"
#include "conversation/tracker.hpp"
#include "protocol/decode/decode.hpp"
#include "tests/conversation/valid_sequences.hpp"

namespace secct::conversation {
namespace {

constexpr std::size_t most = 100;

Address address(std::uint32_t number) {
  Address made{0x20, 1};
  for (std::size_t i = 0; i < 4; ++i) made[15 - i] = static_cast<std::uint8_t>(number >> 8 * i);
  return made;
}

struct Ended : Events {
  void ended(const EndedHandover& handover) override { numbers.insert(handover.number); }
  std::set<std::uint32_t> numbers;
};

// A SHIN whose Paddr and source have a number.
class NumberedShin {
 public:
  NumberedShin() {
    constexpr std::size_t option_at = 14 + 40 + 2;  // Ethernet, IPv6, Destination Options
    const auto frame = Capture().add("shin").frames().front();
    const auto option = View(frame.octets).subspan(option_at);
    octets_.assign(option.begin(), option.begin() + option[1] + 2);
    envelope_.destination = address(0);
  }
  const DecodedMessage& make(std::uint32_t paddr, std::uint32_t naddr, std::uint8_t replay = 1) {
    constexpr std::size_t paddr_at = 2;
    constexpr std::size_t replay_at = 2 + 32 + 3;
    std::ranges::copy(address(paddr), octets_.begin() + paddr_at);
    octets_[replay_at] = replay;
    envelope_.source = address(naddr);
    EXPECT_TRUE(decode({}, Carrier::dstopt, octets_, envelope_, decoded_));
    return decoded_;
  }

 private:
  Octets octets_;
  Envelope envelope_;
  DecodedMessage decoded_;
};

TEST(Bounds, OpenHandovers) {
  constexpr std::uint32_t handovers = 100'000;
  Options options;
  options.max_handovers = most;
  Ended ended;
  Conversation conversation(options, &ended);
  NumberedShin shin;
  for (std::uint32_t i = 1; i <= handovers; ++i) {
    const auto& found = conversation.observe({shin.make(i, i), i, milliseconds(i)});
    ASSERT_EQ(found.handover, i);
    ASSERT_LE(conversation.open(), most);
  }
  EXPECT_EQ(conversation.begun(), handovers);
  EXPECT_EQ(ended.numbers.size(), handovers - most);
  conversation.finish();
  EXPECT_EQ(conversation.open(), 0U);
  EXPECT_EQ(ended.numbers.size(), handovers);
}

TEST(Bounds, TheLongestSilentHandoverIsForgotten) {
  Options options;
  options.max_handovers = 2;
  Ended ended;
  Conversation conversation(options, &ended);
  NumberedShin shin;
  for (const std::uint32_t node : {1, 2, 1, 3}) {
    conversation.observe({shin.make(node, node), 1, seconds(1)});
  }
  EXPECT_THAT(ended.numbers, testing::ElementsAre(2));
}

TEST(Bounds, EndedHandoversAreForgottenSoon) {
  Capture capture;
  for (std::uint32_t i = 1; i <= 50; ++i) {
    capture.node(i, static_cast<std::uint16_t>(i));
    capture.add({"shin", "shreq", "shrep", "shrep-ack", "shak"}).wait(1);
  }
  const auto observed = observe(capture);
  EXPECT_LE(observed.most_open, 7U);  // CONTEXT_PURGE_TIME is 5 s
  EXPECT_EQ(observed.ended.size(), 50U);
  for (const auto& handover : observed.ended) EXPECT_TRUE(handover.has_reply);
}

TEST(Bounds, UnfinishedHandoversAreForgottenLater) {
  const auto observed = observe(Capture().add("shin").wait(61).node(2).add("shin"));
  EXPECT_EQ(observed.most_open, 1U);
  ASSERT_EQ(observed.ended.size(), 2U);
  EXPECT_FALSE(observed.ended[0].has_reply);
  EXPECT_EQ(observed.ended[0].first_frame, 1U);
}

// One mobile node that never stops.
TEST(Bounds, OneHandover) {
  Conversation conversation({});
  NumberedShin shin;
  for (std::uint32_t i = 1; i <= 20'000; ++i) {
    const auto replay = static_cast<std::uint8_t>(i);
    const auto& found = conversation.observe({shin.make(1, i, replay), i, milliseconds(i)});
    ASSERT_EQ(found.handover, 1U);
  }
  EXPECT_EQ(conversation.open(), 1U);
}

TEST(Bounds, ExchangesKeysAndRequestsOfOneHandover) {
  Handovers handovers(1, most, [](const Handover&) {});
  auto& handover =
      handovers.begin_or_continue(secct::Message::shreq, address(1), address(2), no_replay, 0);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    auto& exchange = handovers.request(Pairing::shreq, i, address(3), address(2), address(1));
    handovers.join(exchange, handover);
    handovers.set_naddr(handover, address(i));
    EXPECT_LE(handover.exchanges.size(), 64U);
    EXPECT_LE(handover.keys.size(), 3U);
    EXPECT_EQ(handover.latest_of(Pairing::shreq), &exchange);
  }
  EXPECT_EQ(handovers.find_by_naddr(address(999)), &handover);
  EXPECT_EQ(handovers.find_by_naddr(address(998)), nullptr);
  const auto paddr = address(1);
  EXPECT_EQ(handovers.answered(Pairing::shreq, 0, address(3), address(2), &paddr), nullptr);
  EXPECT_NE(handovers.answered(Pairing::shreq, 999, address(3), address(2), &paddr), nullptr);
}

TEST(Bounds, ForgottenHandoversAreNotFound) {
  Handovers handovers(1, 1, [](const Handover&) {});
  const auto begin = [&](std::uint32_t node) -> Handover& {
    return handovers.begin_or_continue(secct::Message::shin, address(node), address(0), no_replay,
                                       seconds(node));
  };
  auto& first = begin(1);
  auto& exchange = handovers.request(Pairing::shin, 0, address(5), address(6), address(1));
  exchange.pending.push_back({nullptr, 1, 1, 0});
  handovers.join(exchange, first);
  handovers.set_naddr(first, address(5));
  EXPECT_EQ(handovers.waiting_shin(address(5)), &exchange);
  begin(2);
  handovers.forget_excess();
  EXPECT_EQ(handovers.open(), 1U);
  EXPECT_EQ(handovers.find(address(1), address(0)), nullptr);
  EXPECT_EQ(handovers.find_by_naddr(address(5)), nullptr);
  EXPECT_EQ(handovers.waiting_shin(address(5)), nullptr);
  EXPECT_NE(handovers.find(address(2), address(0)), nullptr);
}

TEST(Bounds, UsedReplays) {
  constexpr std::uint32_t tables = 1 << 16;
  Handovers handovers(1, most, [](const Handover&) {});
  for (std::uint32_t i = 0; i <= tables; ++i) handovers.use(address(i), address(0), 7);
  EXPECT_FALSE(handovers.is_used(address(0), address(0), 7));
  EXPECT_TRUE(handovers.is_used(address(1), address(0), 7));
  EXPECT_FALSE(handovers.is_used(address(1), address(0), 8));
  EXPECT_FALSE(handovers.is_used(address(1), address(0), no_replay));
}

// Frames of all kinds in any order, cut, repeated, and with times that go back.
TEST(Bounds, RandomCaptures) {
  std::vector<CapturedFrame> pool;
  for (const auto& sequence : valid_sequences()) {
    const auto& frames = sequence.capture.frames();
    pool.insert(pool.end(), frames.begin(), frames.end());
  }
  std::mt19937 random(1);
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  for (int run = 0; run < 20; ++run) {
    std::vector<CapturedFrame> frames;
    Time now = seconds(1000);
    for (int i = 0; i < 1000; ++i) {
      auto frame = pool[below(pool.size())];
      if (below(4) == 0) frame.octets.resize(14 + below(frame.octets.size() - 14));
      if (below(4) == 0 && !frames.empty()) frame = frames[below(frames.size())];
      now += milliseconds(below(100) == 0 ? 30'000 : below(300));
      frame.time = now - milliseconds(below(200));
      frames.push_back(std::move(frame));
    }
    ObserverOptions options;
    options.max_handovers = 1 + below(4);
    options.router_keys = below(4) != 0;
    const auto observed = observe(generator::built_in_description(), frames, options);
    EXPECT_LE(observed.most_open, options.max_handovers);
    std::uint32_t last = 0;
    for (const auto& frame : observed.frames) last = std::max(last, frame.relations.handover);
    EXPECT_EQ(observed.ended.size(), last);  // each handover ends once
  }
}

TEST(Bounds, HiddenPairs) {
  HiddenPairs pairs;
  EXPECT_FALSE(pairs.contains(address(1), address(2)));
  for (std::uint32_t i = 1; i <= 4096; ++i) pairs.add(address(0), address(i));
  EXPECT_TRUE(pairs.contains(address(0), address(1)));
  EXPECT_TRUE(pairs.contains(address(4096), address(0)));
  EXPECT_FALSE(pairs.contains(address(0), address(5000)));
  // Beyond the bound any packet may have been hidden.
  pairs.add(address(0), address(4097));
  EXPECT_TRUE(pairs.contains(address(0), address(5000)));
}

}  // namespace
}  // namespace secct::conversation
