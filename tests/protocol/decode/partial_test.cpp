// SPDX-License-Identifier: GPL-2.0-or-later
// Decodes every beginning of every vector: its fields and problems must be those of the whole
// message.
#include "protocol/decode/partial.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/protocol/vector_file.hpp"

namespace secct::test {
namespace {

const CodePoints codepoints;

bool same_place(const DecodedField& a, const DecodedField& b) {
  return a.field == b.field && a.offset == b.offset && a.generated == b.generated;
}

void expect_beginning(const DecodedMessage& part, const DecodedMessage& whole) {
  ASSERT_LE(part.fields.size(), whole.fields.size());
  for (std::size_t i = 0; i < part.fields.size(); ++i) {
    const auto& item = part.fields[i];
    EXPECT_TRUE(same_place(item, whole.fields[i])) << row(item.field).name;
    EXPECT_EQ(item.number, whole.fields[i].number) << row(item.field).name;
    EXPECT_LE(item.offset + item.length, part.octets.size());
    EXPECT_LE(item.end, part.fields.size());
  }
  for (const auto& problem : part.problems) {
    EXPECT_TRUE(whole.broken(problem.rule)) << row(problem.rule).name;
    EXPECT_LT(problem.index, part.fields.size());
  }
}

void try_every_length(const Vector& vector, std::size_t beyond) {
  DecodedMessage whole;
  DecodedMessage part;
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

TEST(Partial, DecodesBeginningsOfMessagesOfKnownLength) {
  for (const auto& vector : all_vectors()) {
    if (!vector.malformed()) try_every_length(vector, 0);
  }
}

TEST(Partial, DecodesBeginningsOfMessagesOfUnknownLength) {
  for (const auto& vector : all_vectors()) {
    if (!vector.malformed()) try_every_length(vector, longest_option);
  }
}

TEST(Partial, RejectsMessagesOfOtherProtocols) {
  DecodedMessage decoded;
  Octets scratch;
  const Octets echo{128, 0, 0, 0};
  EXPECT_FALSE(decode_beginning(codepoints, Carrier::icmpv6, echo, 4, {}, scratch, decoded));
  EXPECT_TRUE(decoded.fields.empty());
}

}  // namespace
}  // namespace secct::test
