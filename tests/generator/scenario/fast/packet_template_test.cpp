// SPDX-License-Identifier: GPL-2.0-or-later
// What is learnt from samples: where copies of values stand.
#include "generator/scenario/fast/packet_template.hpp"

#include <set>

#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::test {
namespace {

template <class Make>
std::optional<Stencil> learnt(const Samples& samples, Make make) {
  std::array<Octets, Samples::count> made;
  for (std::size_t i = 0; i < Samples::count; ++i) made[i] = make(samples[i]);
  return Stencil::learn(samples, made);
}

std::string filled(const Stencil& stencil, View values) {
  Octets to(stencil.size());
  stencil.write(values, to);
  return to_hex(to);
}

TEST(Stencil, NoTwoOctetsOfTheSamplesGoAlike) {
  const Samples samples(1000);
  std::set<Samples::Column> columns;
  for (std::size_t i = 0; i < 1000; ++i) {
    Samples::Column column{};
    for (std::size_t k = 0; k < Samples::count; ++k) column[k] = samples[k][i];
    EXPECT_NE(column, (Samples::Column{column[0], column[0], column[0], column[0]}));
    EXPECT_TRUE(columns.insert(column).second);
    EXPECT_EQ(samples.find(column), i);
  }
}

TEST(Stencil, CopiesAndConstants) {
  const Samples samples(8);
  const auto stencil = learnt(samples, [](View values) {
    Octets made{0xaa};
    append(made, values.subspan(2, 4));
    made.push_back(0xbb);
    append(made, values.last(1));
    append(made, values.subspan(2, 2));
    return made;
  });
  ASSERT_TRUE(stencil);
  EXPECT_FALSE(stencil->is_constant());
  EXPECT_EQ(filled(*stencil, octets("0001020304050607")), "aa02030405bb070203");
  EXPECT_TRUE(learnt(samples, [](View) { return Octets{1, 2}; })->is_constant());
  EXPECT_EQ(learnt(samples, [](View) { return Octets(); })->size(), 0U);
}

TEST(Stencil, WhatIsNoCopy) {
  const Samples samples(8);
  EXPECT_FALSE(learnt(
      samples, [](View values) { return Octets{static_cast<std::uint8_t>(values[0] + 1)}; }));
  EXPECT_FALSE(learnt(samples, [](View values) { return Octets(values[0] % 3); }));
}

}  // namespace
}  // namespace secct::test
