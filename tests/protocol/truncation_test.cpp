// SPDX-License-Identifier: GPL-2.0-or-later
// Messages that end too early, at every length: nothing is read past the end, every cut is
// noticed, and what is left can be written again.
#include <algorithm>
#include <cctype>
#include <set>

#include <gtest/gtest.h>

#include "protocol/decode.hpp"
#include "tests/fuzz/decode_check.hpp"
#include "tests/protocol/vector_file.hpp"

namespace secct::test {
namespace {

const CodePoints codepoints;

class TruncationTest : public testing::TestWithParam<Vector> {
 protected:
  // A vector of its own size: the sanitizer sees a read past its end.
  Tape cut(std::size_t length) {
    octets_.assign(vector().octets.begin(),
                   vector().octets.begin() + static_cast<std::ptrdiff_t>(length));
    octets_.shrink_to_fit();
    return decoded();
  }

  Tape decoded() const {
    Tape tape;
    EXPECT_EQ(decode(codepoints, vector().carrier, octets_, {}, tape), !octets_.empty());
    return tape;
  }

  // Offsets at which a group with `field` starts or ends.
  std::set<std::size_t> boundaries(Field field) const {
    Tape tape;
    decode(codepoints, vector().carrier, vector().octets, {}, tape);
    std::set<std::size_t> offsets;
    for (const auto& item : tape.items) {
      if (item.field != field) continue;
      offsets.insert(item.offset);
      offsets.insert(item.offset + item.length);
    }
    return offsets;
  }

  const Vector& vector() const { return GetParam(); }
  Octets octets_;
};

void expect_sound(const Tape& tape) {
  EXPECT_EQ(unsound(tape), "");
  EXPECT_EQ(not_the_same_again(codepoints, tape), "");
}

TEST_P(TruncationTest, EveryCutIsNoticed) {
  auto whole = boundaries(Field::options);
  whole.insert(8);  // the header
  for (std::size_t length = 1; length < vector().octets.size(); ++length) {
    SCOPED_TRACE(length);
    const auto tape = cut(length);
    expect_sound(tape);
    // Only between two options can a message end without looking cut.
    const bool complete = vector().carrier == Carrier::icmpv6 && whole.contains(length);
    EXPECT_EQ(tape.worst_row() == 1, !complete);
  }
}

// A carrier whose length fits the cut: the chain of sub-options is what ends early.
TEST_P(TruncationTest, ShorterCarrierIsNoticed) {
  if (vector().carrier == Carrier::icmpv6) return;
  const std::size_t fixed =
      vector().carrier == Carrier::mip4_request ? 22
      : vector().carrier == Carrier::mip4_reply || vector().octets[0] == 0x5e  // SHAK
          ? 2
          : 34;
  auto whole = boundaries(Field::sub_options);
  whole.insert(fixed);
  for (std::size_t length = 2; length < vector().octets.size(); ++length) {
    SCOPED_TRACE(length);
    cut(length);
    octets_[1] = static_cast<std::uint8_t>(length - 2);
    const auto tape = decoded();
    expect_sound(tape);
    EXPECT_EQ(tape.worst_row() == 1, length < fixed);
    EXPECT_EQ(tape.worst_row() == 2, length > fixed && !whole.contains(length));
  }
}

// An option whose length fits the cut.
TEST_P(TruncationTest, ShorterOptionIsNoticed) {
  if (vector().carrier != Carrier::icmpv6) return;
  Tape full;
  decode(codepoints, vector().carrier, vector().octets, {}, full);
  const auto whole = boundaries(Field::sub_options);
  for (const auto& item : full.items) {
    if (item.field != Field::options || item.length < 40) continue;
    for (std::uint32_t units = 1; units < item.length / 8; ++units) {
      const auto length = item.offset + 8 * units;
      SCOPED_TRACE(length);
      cut(length);
      octets_[item.offset + 1] = static_cast<std::uint8_t>(units);
      const auto tape = decoded();
      expect_sound(tape);
      EXPECT_EQ(tape.worst_row() == 1, units * 8 < 36);
      EXPECT_EQ(tape.worst_row() == 2, units * 8 > 36 && !whole.contains(length));
    }
  }
}

// A shorter reason; a shorter list of SPIs, behind which a zero octet is read as Ports.
bool reads_well(View sub_option) {
  if (sub_option.size() < 4) return false;
  if (sub_option[0] == 5) return true;
  return sub_option[0] == 3 && sub_option[3] == 3 && sub_option.back() == 0;
}

// A sub-option whose length fits the cut, with nothing behind: a row 5 error.
TEST_P(TruncationTest, ShorterSubOptionIsNoticed) {
  if (vector().carrier == Carrier::icmpv6) return;
  Tape full;
  decode(codepoints, vector().carrier, vector().octets, {}, full);
  for (const auto& item : full.items) {
    if (item.field != Field::sub_options || item.offset + item.length != full.octets.size())
      continue;
    for (std::uint32_t length = 2; length < item.length; ++length) {
      cut(item.offset + length);
      octets_[item.offset + 1] = static_cast<std::uint8_t>(length);
      octets_[1] = static_cast<std::uint8_t>(octets_.size() - 2);
      const auto tape = decoded();
      expect_sound(tape);
      if (reads_well(View(octets_).subspan(item.offset))) continue;
      EXPECT_TRUE(tape.has_row(5) || tape.has_row(2)) << length;
    }
  }
}

std::vector<Vector> sound_vectors() {
  std::vector<Vector> vectors;
  std::ranges::copy_if(all_vectors(), std::back_inserter(vectors), [](const Vector& vector) {
    return !vector.malformed() && !std::ranges::any_of(vector.problems, [](const auto& problem) {
      return problem.rule == "option_repeated" || problem.rule == "subopt_unknown";
    });
  });
  return vectors;
}

std::string test_name(const testing::TestParamInfo<Vector>& info) {
  auto name = info.param.place;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Each, TruncationTest, testing::ValuesIn(sound_vectors()), test_name);

}  // namespace
}  // namespace secct::test
