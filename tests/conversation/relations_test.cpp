// SPDX-License-Identifier: GPL-2.0-or-later
// The relations of the messages of valid sequences.
#include <gmock/gmock.h>

#include "tests/conversation/valid_sequences.hpp"

namespace secct::conversation {
namespace {

// "shin 1 begin reply-in 5", "shak 1 reply-to 1 completed after 4", ...; times in milliseconds.
std::vector<std::string> relations(const Observed& observed) {
  std::vector<std::string> all;
  for (const auto& frame : observed.frames) {
    const auto& found = frame.relations;
    if (frame.message == secct::Message::none) {
      all.emplace_back();
      continue;
    }
    std::string text(message_info(frame.message).name);
    const auto add = [&](const char* name, std::uint64_t number) {
      if (number != 0) text += std::string(" ") + name + " " + std::to_string(number);
    };
    add("h", found.handover);
    if (found.begins) text += " begins";
    add("in", frame.response_in);
    add("to", found.response_to);
    add("time", found.response_time / milliseconds(1));
    add("repeats", found.retransmission_of);
    add("copies", found.copy_of);
    if (found.outcome == Outcome::completed) text += " completed";
    if (found.outcome == Outcome::failed) text += " failed";
    if (found.handover_time) add("after", *found.handover_time / milliseconds(1));
    all.push_back(std::move(text));
  }
  return all;
}

std::vector<std::string> of(std::string_view name) {
  static const auto all = valid_sequences();
  for (const auto& sequence : all) {
    if (sequence.name == name) return relations(observe(sequence.capture, sequence.options));
  }
  ADD_FAILURE() << name;
  return {};
}

struct RelationsCase {
  const char* name;
  std::vector<std::string> expected;
};

const RelationsCase cases[] = {
    {"reactive",
     {"shin h 1 begins in 5", "shreq h 1 in 3", "shrep h 1 in 4 to 2 time 1",
      "shrep-ack h 1 to 3 time 1", "shak h 1 to 1 time 4 completed after 4"}},
    {"predictive",
     {"hi h 1 begins in 2", "hack h 1 to 1 time 1 after 1", "shin h 1 in 4",
      "shak h 1 to 3 time 1 completed after 3"}},
    {"mobile-initiated",
     {"p-shin h 1 begins", "hi h 1 in 3", "hack h 1 to 2 time 1 after 2", "shin h 1 in 5",
      "shak h 1 to 4 time 1 completed after 4"}},
    {"Mobile IPv4",
     {"mip4-request h 1 begins in 5", "shreq h 1 in 3", "shrep h 1 in 4 to 2 time 1",
      "shrep-ack h 1 to 3 time 1", "mip4-reply h 1 to 1 time 4 completed after 4"}},
    {"continued, interleaved",
     {"shin h 1 begins in 6", "shreq h 1 in 3", "shrep h 1 in 5 to 2 time 1",
      "shrep h 1 in 7 to 2 time 2", "shrep-ack h 1 to 3 time 2",
      "shak h 1 to 1 time 5 completed after 5", "shrep-ack h 1 to 4 time 3",
      "shak h 1 to 1 time 7 after 7"}},
    {"two U-SHREPs",
     {"hi h 1 begins in 3", "hi h 1 in 4", "hack h 1 to 1 time 2 after 2",
      "hack h 1 to 2 time 2 after 3", "shin h 1 in 6", "shak h 1 to 5 time 1 completed after 5"}},
    {"retransmissions",
     {"shin h 1 begins in 9", "shreq h 1 in 5", "shin h 1 in 9 repeats 1",
      "shreq h 1 in 5 repeats 2", "shrep h 1 in 8 to 4 time 1", "shreq h 1 in 7 repeats 2",
      "shrep h 1 in 8 to 6 time 1 repeats 5", "shrep-ack h 1 to 7 time 1",
      "shak h 1 to 3 time 1598 completed after 2000", "shin h 1 in 11 repeats 1",
      "shak h 1 to 10 time 1 repeats 9 after 2502"}},
    {"crossing",
     {"shin h 1 begins in 6", "shreq h 1 in 4", "shreq h 1 in 4 repeats 2",
      "shrep h 1 in 7 to 3 time 1", "shrep h 1 in 7 to 3 time 2 repeats 4",
      "shak h 1 to 1 time 1003 completed after 1003", "shrep-ack h 1 to 5 time 2",
      "shrep-ack h 1 to 5 time 3 repeats 7"}},
    {"retransmitted HI",
     {"hi h 1 begins in 6", "hi h 1 in 6 repeats 1", "hi h 1 in 6 repeats 1",
      "hi h 1 in 6 repeats 1", "hi h 1 in 6 repeats 1", "hack h 1 to 5 time 101 after 505",
      "shin h 1 in 8", "shak h 1 to 7 time 1 completed after 507"}},
    {"interleaved, one Identifier",
     {"shin h 1 begins in 9", "shin h 2 begins in 10", "shreq h 1 in 5", "shreq h 2 in 6",
      "shrep h 1 in 7 to 3 time 2", "shrep h 2 in 8 to 4 time 2", "shrep-ack h 1 to 5 time 2",
      "shrep-ack h 2 to 6 time 2", "shak h 1 to 1 time 8 completed after 8",
      "shak h 2 to 2 time 8 completed after 8"}},
    {"late HAck",
     {"hi h 1 begins in 4", "shin h 1 in 3", "shak h 1 to 2 time 1 completed after 2",
      "hack h 1 to 1 time 3 after 3"}},
    {"refused and repeated",
     {"shin h 1 begins in 4", "shreq h 1 in 3", "shrep h 1 to 2 time 1",
      "shak h 1 to 1 time 3 failed after 3", "shin h 2 begins in 9", "shreq h 2 in 7",
      "shrep h 2 in 8 to 6 time 1", "shrep-ack h 2 to 7 time 1",
      "shak h 2 to 5 time 4 completed after 4"}},
    {"no answer",
     {"shin h 1 begins in 6", "shreq h 1", "shreq h 1 repeats 2", "shreq h 1 repeats 2",
      "shreq h 1 repeats 2", "shak h 1 to 1 time 4005 failed after 4005"}},
    {"reactive, then predictive",
     {"shin h 1 begins in 5", "shreq h 1 in 3", "shrep h 1 in 4 to 2 time 1",
      "shrep-ack h 1 to 3 time 1", "shak h 1 to 1 time 4 completed after 4", "hi h 2 begins in 7",
      "hack h 2 to 6 time 1 after 1", "shin h 2 in 9", "shak h 2 to 8 time 1 completed after 3"}},
    {"refused P-SHIN",
     {"p-shin h 1 begins in 2", "shak h 1 to 1 time 1 failed after 1", "shin h 2 begins in 7",
      "shreq h 2 in 5", "shrep h 2 in 6 to 4 time 1", "shrep-ack h 2 to 5 time 1",
      "shak h 2 to 3 time 4 completed after 4"}},
    {"confidential, without keys",
     {"shin h 1 begins in 5", "shreq h 1", "", "shrep-ack h 1",
      "shak h 1 to 1 time 4 completed after 4", "", "hack", "shin h 2 begins in 9",
      "shak h 2 to 8 time 1 completed after 1"}},
};

TEST(Relations, OfValidSequences) {
  for (const auto& one : cases) {
    const auto actual = of(one.name);
    EXPECT_EQ(actual, one.expected) << one.name;
  }
}

TEST(Relations, CopiesBelongToTheHandoverAndSettleNothing) {
  const auto observed = observe(Capture().add({"shin", "shreq"}).again(2).add("shrep").again(4));
  EXPECT_THAT(relations(observed),
              testing::ElementsAre("shin h 1 begins", "shreq h 1 in 4", "shreq h 1 copies 2",
                                   "shrep h 1 to 2 time 2", "shrep h 1 copies 4"));
}

TEST(Relations, AShakWithoutShinEndsTheHandoverOfItsNaddr) {
  const auto observed =
      observe(Capture().add({"shreq", "shrep", "shrep-ack", "shak"}).wait(1).add("shreq"));
  const auto all = relations(observed);
  EXPECT_EQ(all[3], "shak h 1 completed after 3");
  EXPECT_EQ(all[4], "shreq h 1 repeats 1");
}

TEST(Relations, ALostShakDoesNotJoinTwoHandovers) {
  Capture capture;
  capture.add({"shin", "shreq", "shrep", "shrep-ack"}).wait(5).node(1, 8);
  capture.add(capture.handover().shin(2)).add(capture.handover().shreq(2));
  const auto all = relations(observe(capture));
  EXPECT_EQ(all[4], "shin h 2 begins");
  EXPECT_EQ(all[5], "shreq h 2");
}

}  // namespace
}  // namespace secct::conversation
