// SPDX-License-Identifier: GPL-2.0-or-later
// Messages that are truncated at every length: the decoder must not read past the end and must
// report each truncation, and the encoder must reproduce the octets.
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

  // In a buffer of exactly this size, so that the sanitizer detects a read past the end.
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

// Each vector without a problem.
template <class Visit>
void each_valid_vector(Visit visit) {
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

void expect_consistent(const DecodedMessage& decoded) {
  EXPECT_EQ(structure_error(decoded), "");
  EXPECT_EQ(round_trip_error(codepoints, decoded), "");
}

TEST(Truncation, IsReportedAtEveryLength) {
  each_valid_vector([](const Vector& vector, Cutter& cutter) {
    auto whole = cutter.boundaries(Field::options);
    whole.insert(8);  // the header
    for (std::size_t length = 1; length < vector.octets.size(); ++length) {
      SCOPED_TRACE(length);
      const auto decoded = cutter.cut(length);
      expect_consistent(decoded);
      // A message that ends between two options does not look truncated.
      const bool complete = vector.carrier == Carrier::icmpv6 && whole.contains(length);
      EXPECT_EQ(decoded.worst_status_row() == 1, !complete);
    }
  });
}

// With a carrier length that matches the truncation: only sub-options are incomplete.
TEST(Truncation, IsReportedWithAMatchingCarrierLength) {
  each_valid_vector([](const Vector& vector, Cutter& cutter) {
    if (vector.carrier == Carrier::icmpv6) return;
    const auto message = find_message(codepoints, vector.carrier, vector.octets[0]);
    ASSERT_TRUE(message);
    const std::size_t fixed = message_info(*message).fixed_octets;
    auto whole = cutter.boundaries(Field::sub_options);
    whole.insert(fixed);
    for (std::size_t length = 2; length < vector.octets.size(); ++length) {
      SCOPED_TRACE(length);
      cutter.cut(length);
      cutter.octets()[1] = static_cast<std::uint8_t>(length - 2);
      const auto decoded = cutter.decoded();
      expect_consistent(decoded);
      EXPECT_EQ(decoded.worst_status_row() == 1, length < fixed);
      EXPECT_EQ(decoded.worst_status_row() == 2, length > fixed && !whole.contains(length));
    }
  });
}

// With an option length that matches the truncation.
TEST(Truncation, IsReportedWithAMatchingOptionLength) {
  each_valid_vector([](const Vector& vector, Cutter& cutter) {
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
        expect_consistent(decoded);
        EXPECT_EQ(decoded.worst_status_row() == 1, units * 8 < 36);
        EXPECT_EQ(decoded.worst_status_row() == 2, units * 8 > 36 && !whole.contains(length));
      }
    }
  });
}

// Valid although it is shorter: a shorter reason, or fewer SPIs if the next octet is zero and is
// decoded as Ports.
bool reads_well(View sub_option) {
  if (sub_option.size() < 4) return false;
  if (sub_option[0] == 5) return true;
  return sub_option[0] == 3 && sub_option[3] == 3 && sub_option.back() == 0;
}

// With a sub-option length that matches the truncation, in the last sub-option: a row 5 error.
TEST(Truncation, IsReportedWithAMatchingSubOptionLength) {
  each_valid_vector([](const Vector& vector, Cutter& cutter) {
    if (vector.carrier == Carrier::icmpv6) return;
    DecodedMessage full;
    decode(codepoints, vector.carrier, vector.octets, {}, full);
    const auto found = std::ranges::find_if(full.fields, [&](const DecodedField& item) {
      return item.offset + item.length == full.octets.size();
    });
    // An option without data ends with its length, which is not a field.
    if (found == full.fields.end() || found->field != Field::sub_options) return;
    const auto& last = *found;
    for (std::uint32_t length = 2; length < last.length; ++length) {
      SCOPED_TRACE(length);
      cutter.cut(last.offset + length);
      auto& octets = cutter.octets();
      octets[last.offset + 1] = static_cast<std::uint8_t>(length);
      octets[1] = static_cast<std::uint8_t>(octets.size() - 2);
      const auto decoded = cutter.decoded();
      expect_consistent(decoded);
      if (reads_well(View(octets).subspan(last.offset))) continue;
      EXPECT_TRUE(decoded.has_status_row(5) || decoded.has_status_row(2));
    }
  });
}

}  // namespace
}  // namespace secct::test
