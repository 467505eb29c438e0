// SPDX-License-Identifier: GPL-2.0-or-later
// Every beginning of every vector: what is there is as in the whole, and nothing is held against it
// that the whole is not to blame for.
#include "protocol/decode/partial.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/protocol/vector_file.hpp"

namespace secct::test {
namespace {

const CodePoints codepoints;

bool same_place(const Item& a, const Item& b) {
  return a.field == b.field && a.offset == b.offset && a.generated == b.generated;
}

void expect_beginning(const Tape& part, const Tape& whole) {
  ASSERT_LE(part.items.size(), whole.items.size());
  for (std::size_t i = 0; i < part.items.size(); ++i) {
    const auto& item = part.items[i];
    EXPECT_TRUE(same_place(item, whole.items[i])) << row(item.field).name;
    EXPECT_EQ(item.number, whole.items[i].number) << row(item.field).name;
    EXPECT_LE(item.offset + item.length, part.octets.size());
    EXPECT_LE(item.end, part.items.size());
  }
  for (const auto& problem : part.problems) {
    EXPECT_TRUE(whole.broken(problem.rule)) << row(problem.rule).name;
    EXPECT_LT(problem.item, part.items.size());
  }
}

void try_every_length(const Vector& vector, std::size_t beyond) {
  Tape whole;
  Tape part;
  Octets scratch;
  ASSERT_TRUE(decode(codepoints, vector.carrier, vector.octets, vector.envelope, whole));
  for (std::size_t length = 1; length < vector.octets.size(); ++length) {
    SCOPED_TRACE(vector.place + ", first " + std::to_string(length) + " octets");
    const auto missing = beyond != 0 ? beyond : vector.octets.size() - length;
    const auto octets = View(vector.octets).first(length);
    ASSERT_TRUE(decode_beginning(codepoints, vector.carrier, octets, missing, vector.envelope,
                                 scratch, part));
    expect_beginning(part, whole);
  }
}

TEST(Partial, LengthOfTheWholeIsKnown) {
  for (const auto& vector : all_vectors()) {
    if (!vector.malformed()) try_every_length(vector, 0);
  }
}

TEST(Partial, LengthOfTheWholeIsUnknown) {
  for (const auto& vector : all_vectors()) {
    if (!vector.malformed()) try_every_length(vector, longest_option);
  }
}

TEST(Partial, WhatIsNoneOfOursIsLeft) {
  Tape tape;
  Octets scratch;
  const Octets echo{128, 0, 0, 0};
  EXPECT_FALSE(decode_beginning(codepoints, Carrier::icmpv6, echo, 4, {}, scratch, tape));
  EXPECT_TRUE(tape.items.empty());
}

}  // namespace
}  // namespace secct::test
