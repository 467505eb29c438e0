// SPDX-License-Identifier: GPL-2.0-or-later
// Only what was captured counts: whatever is missing in the capture of a valid sequence, no rule
// with a clause is broken.
#include <algorithm>
#include <bit>

#include <gmock/gmock.h>

#include "tests/conversation/valid_sequences.hpp"

namespace secct::conversation {
namespace {

using testing::IsEmpty;
using Frames = std::vector<CapturedFrame>;

class CapturedPart : public testing::TestWithParam<ValidSequence> {
 protected:
  const Frames& frames() const { return GetParam().capture.frames(); }

  // Fails if the frames break a rule with a clause.
  void expect_valid(const Frames& part, const std::string& what) const {
    expect_valid(part, what, GetParam().options);
  }
  void expect_valid(const Frames& part, const std::string& what,
                    const ObserverOptions& options) const {
    const auto observed = observe(GetParam().capture.description(), part, options);
    EXPECT_THAT(observed.with_clause(), IsEmpty()) << what;
  }
  // The same for frames that are cut. Callers may decode the beginning of a message in two ways.
  void expect_valid_cut(const Frames& part, const std::string& what) const {
    for (const bool uses_beginning : {true, false}) {
      auto options = GetParam().options;
      options.uses_beginning = uses_beginning;
      expect_valid(part, what, options);
    }
  }

  // The frames whose bit is set.
  Frames subset(std::uint64_t bits) const {
    Frames part;
    for (std::size_t i = 0; i < frames().size(); ++i) {
      if ((bits >> i & 1) != 0) part.push_back(frames()[i]);
    }
    return part;
  }
  // Tries the frames whose bit is set, unless more are missing than the sequence allows.
  void expect_valid_subset(std::uint64_t bits) const {
    const auto missing = frames().size() - static_cast<std::size_t>(std::popcount(bits));
    const auto most = GetParam().most_missing;
    if (most > 1 || missing <= most) expect_valid(subset(bits), text_of(bits));
  }
  std::string text_of(std::uint64_t bits) const {
    std::string text = "frames";
    for (std::size_t i = 0; i < frames().size(); ++i) {
      if ((bits >> i & 1) != 0) text += " " + std::to_string(i + 1);
    }
    return text;
  }
  std::uint64_t all() const { return (std::uint64_t{1} << frames().size()) - 1; }
};

TEST_P(CapturedPart, WholeSequenceBreaksNothing) {
  const auto observed = observe(GetParam().capture, GetParam().options);
  EXPECT_THAT(observed.broken(), testing::UnorderedElementsAreArray(GetParam().observations));
}

// Every subset, as far as the number of messages allows it.
TEST_P(CapturedPart, MessagesAreMissing) {
  constexpr std::size_t most_frames = 10;
  const std::size_t most_missing =
      std::min(GetParam().most_missing, frames().size() <= most_frames ? most_frames : 2);
  for (std::uint64_t bits = 0; bits <= all(); ++bits) {
    const auto missing = frames().size() - static_cast<std::size_t>(std::popcount(bits));
    if (missing > 0 && missing <= most_missing) expect_valid(subset(bits), text_of(bits));
  }
}

TEST_P(CapturedPart, MessagesAreNotDecrypted) {
  if (GetParam().most_missing == 0) return;
  auto options = GetParam().options;
  for (std::size_t i = 0; i < frames().size(); ++i) {
    for (std::size_t j = i; j < frames().size(); ++j) {
      options.hidden = std::uint64_t{1} << i | std::uint64_t{1} << j;
      expect_valid(frames(), "hidden: " + text_of(options.hidden), options);
    }
  }
}

TEST_P(CapturedPart, EveryThirdMessageIsMissing) {
  for (std::size_t first = 0; first < 3; ++first) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < frames().size(); ++i) {
      if (i % 3 != first) bits |= std::uint64_t{1} << i;
    }
    expect_valid_subset(bits);
  }
}

TEST_P(CapturedPart, BeginsInTheMiddleOrEndsEarly) {
  for (std::size_t i = 1; i < frames().size(); ++i) {
    expect_valid_subset(all() >> i << i);
    expect_valid_subset(all() >> i);
  }
}

TEST_P(CapturedPart, FramesAreCapturedTwice) {
  Frames part;
  for (const auto& frame : frames()) part.insert(part.end(), 2, frame);
  expect_valid(part, "copies");
  // A copy is found even if it comes later.
  const auto observed = observe(GetParam().capture.description(), part, GetParam().options);
  for (std::size_t i = 1; i < observed.frames.size(); i += 2) {
    const auto& frame = observed.frames[i];
    if (frame.message == secct::Message::none) continue;
    EXPECT_EQ(frame.relations.copy_of, i) << i + 1;
  }
}

// Frames of one interface come after those of the other one.
TEST_P(CapturedPart, BurstsAreCapturedTwice) {
  Frames part;
  for (std::size_t i = 0; i < frames().size(); i += 3) {
    const auto end = std::min(i + 3, frames().size());
    for (auto repeats = 0; repeats < 2; ++repeats) {
      for (auto j = i; j < end; ++j) part.push_back(frames()[j]);
    }
  }
  std::ranges::stable_sort(part, {}, [](const auto& frame) { return frame.time / seconds(1); });
  expect_valid(part, "copies of bursts");
}

TEST_P(CapturedPart, SnaplenCutsAllFrames) {
  if (GetParam().most_missing == 0) return;
  std::size_t longest = 0;
  for (const auto& frame : frames()) longest = std::max(longest, frame.octets.size());
  for (std::size_t snaplen = 14; snaplen < longest; snaplen += 3) {
    auto part = frames();
    for (auto& frame : part) frame.octets.resize(std::min(frame.octets.size(), snaplen));
    expect_valid_cut(part, "snaplen " + std::to_string(snaplen));
  }
}

TEST_P(CapturedPart, OneMessageIsCut) {
  if (GetParam().most_missing == 0) return;
  for (std::size_t i = 0; i < frames().size(); ++i) {
    // At each length, or in long sequences at some.
    const std::size_t step = frames().size() <= 6 ? 1 : frames().size();
    for (std::size_t length = 54 + i % step; length < frames()[i].octets.size(); length += step) {
      auto part = frames();
      part[i].octets.resize(length);
      expect_valid_cut(part,
                       "frame " + std::to_string(i + 1) + " cut to " + std::to_string(length));
    }
  }
}

TEST_P(CapturedPart, TimesAreMissing) {
  auto part = frames();
  for (auto& frame : part) frame.time = 0;
  expect_valid(part, "no times");
}

INSTANTIATE_TEST_SUITE_P(ValidSequences, CapturedPart, testing::ValuesIn(valid_sequences()),
                         [](const auto& instance) {
                           auto name = instance.param.name;
                           std::erase_if(name, [](char c) { return std::isalnum(c) == 0; });
                           return name;
                         });

}  // namespace
}  // namespace secct::conversation
