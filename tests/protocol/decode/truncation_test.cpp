// SPDX-License-Identifier: GPL-2.0-or-later
// Messages that end too early, at every length: nothing is read past the end, every cut is
// noticed, and what is left can be written again.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "protocol/decode/decode.hpp"
#include "tests/fuzz/decode_check.hpp"
#include "tests/protocol/vector_file.hpp"

namespace secct::test {
namespace {

const CodePoints codepoints;

class Cutter {
 public:
  explicit Cutter(const Vector& vector) : vector_(vector) {}

  // A vector of its own size: the sanitizer sees a read past its end.
  DecodedMessage cut(std::size_t length) {
    octets_.assign(vector_.octets.begin(),
                   vector_.octets.begin() + static_cast<std::ptrdiff_t>(length));
    octets_.shrink_to_fit();
    return decoded();
  }

  DecodedMessage decoded() const {
    DecodedMessage decoded;
    EXPECT_EQ(decode(codepoints, vector_.carrier, octets_, {}, decoded), !octets_.empty());
    return decoded;
  }

  // Offsets at which a group with `field` starts or ends.
  std::set<std::size_t> boundaries(Field field) const {
    DecodedMessage decoded;
    decode(codepoints, vector_.carrier, vector_.octets, {}, decoded);
    std::set<std::size_t> offsets;
    for (const auto& item : decoded.fields) {
      if (item.field != field) continue;
      offsets.insert(item.offset);
      offsets.insert(item.offset + item.length);
    }
    return offsets;
  }

  Octets& octets() { return octets_; }

 private:
  const Vector& vector_;
  Octets octets_;
};

// Every vector without a fault.
template <class Visit>
void each_sound_vector(Visit visit) {
  for (const auto& vector : all_vectors()) {
    const bool skipped = std::ranges::any_of(vector.problems, [](const auto& problem) {
      return problem.rule == "option_repeated" || problem.rule == "subopt_unknown";
    });
    if (vector.malformed() || skipped) continue;
    SCOPED_TRACE(vector.place + ' ' + vector.title);
    Cutter cutter(vector);
    visit(vector, cutter);
  }
}

void expect_sound(const DecodedMessage& decoded) {
  EXPECT_EQ(bad_header(decoded), "");
  EXPECT_EQ(not_the_same_again(codepoints, decoded), "");
}

TEST(Truncation, EveryCutIsNoticed) {
  each_sound_vector([](const Vector& vector, Cutter& cutter) {
    auto whole = cutter.boundaries(Field::options);
    whole.insert(8);  // the header
    for (std::size_t length = 1; length < vector.octets.size(); ++length) {
      SCOPED_TRACE(length);
      const auto decoded = cutter.cut(length);
      expect_sound(decoded);
      // Only between two options can a message end without looking cut.
      const bool complete = vector.carrier == Carrier::icmpv6 && whole.contains(length);
      EXPECT_EQ(decoded.worst_status_row() == 1, !complete);
    }
  });
}

// A carrier whose length fits the cut: the chain of sub-options is what ends early.
TEST(Truncation, ShorterCarrierIsNoticed) {
  each_sound_vector([](const Vector& vector, Cutter& cutter) {
    if (vector.carrier == Carrier::icmpv6) return;
    constexpr std::uint8_t shak = 0x5e;
    const std::size_t fixed = vector.carrier == Carrier::mip4_request ? 22
                              : vector.carrier == Carrier::mip4_reply || vector.octets[0] == shak
                                  ? 2
                                  : 34;
    auto whole = cutter.boundaries(Field::sub_options);
    whole.insert(fixed);
    for (std::size_t length = 2; length < vector.octets.size(); ++length) {
      SCOPED_TRACE(length);
      cutter.cut(length);
      cutter.octets()[1] = static_cast<std::uint8_t>(length - 2);
      const auto decoded = cutter.decoded();
      expect_sound(decoded);
      EXPECT_EQ(decoded.worst_status_row() == 1, length < fixed);
      EXPECT_EQ(decoded.worst_status_row() == 2, length > fixed && !whole.contains(length));
    }
  });
}

// An option whose length fits the cut.
TEST(Truncation, ShorterOptionIsNoticed) {
  each_sound_vector([](const Vector& vector, Cutter& cutter) {
    if (vector.carrier != Carrier::icmpv6) return;
    DecodedMessage full;
    decode(codepoints, vector.carrier, vector.octets, {}, full);
    const auto whole = cutter.boundaries(Field::sub_options);
    for (const auto& item : full.fields) {
      if (item.field != Field::options || item.length < 40) continue;
      for (std::uint32_t units = 1; units < item.length / 8; ++units) {
        const auto length = item.offset + 8 * units;
        SCOPED_TRACE(length);
        cutter.cut(length);
        cutter.octets()[item.offset + 1] = static_cast<std::uint8_t>(units);
        const auto decoded = cutter.decoded();
        expect_sound(decoded);
        EXPECT_EQ(decoded.worst_status_row() == 1, units * 8 < 36);
        EXPECT_EQ(decoded.worst_status_row() == 2, units * 8 > 36 && !whole.contains(length));
      }
    }
  });
}

// A shorter reason; a shorter list of SPIs, behind which a zero octet is read as Ports.
bool reads_well(View sub_option) {
  if (sub_option.size() < 4) return false;
  if (sub_option[0] == 5) return true;
  return sub_option[0] == 3 && sub_option[3] == 3 && sub_option.back() == 0;
}

// A sub-option whose length fits the cut, with nothing behind: a row 5 error.
TEST(Truncation, ShorterSubOptionIsNoticed) {
  each_sound_vector([](const Vector& vector, Cutter& cutter) {
    if (vector.carrier == Carrier::icmpv6) return;
    DecodedMessage full;
    decode(codepoints, vector.carrier, vector.octets, {}, full);
    const auto& last = *std::ranges::find_if(full.fields, [&](const DecodedField& item) {
      return item.offset + item.length == full.octets.size();
    });
    if (last.field != Field::sub_options) return;
    for (std::uint32_t length = 2; length < last.length; ++length) {
      SCOPED_TRACE(length);
      cutter.cut(last.offset + length);
      auto& octets = cutter.octets();
      octets[last.offset + 1] = static_cast<std::uint8_t>(length);
      octets[1] = static_cast<std::uint8_t>(octets.size() - 2);
      const auto decoded = cutter.decoded();
      expect_sound(decoded);
      if (reads_well(View(octets).subspan(last.offset))) continue;
      EXPECT_TRUE(decoded.has_status_row(5) || decoded.has_status_row(2));
    }
  });
}

}  // namespace
}  // namespace secct::test
