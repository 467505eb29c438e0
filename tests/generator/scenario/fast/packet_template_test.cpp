// SPDX-License-Identifier: GPL-2.0-or-later
// Packet templates: copies of values are found by means of probe values.
#include "generator/scenario/fast/packet_template.hpp"

#include <set>

#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

template <class Make>
std::optional<PacketTemplate> learned(const ProbeValues& probes, Make make) {
  std::array<Octets, ProbeValues::count> made;
  for (std::size_t i = 0; i < ProbeValues::count; ++i) made[i] = make(probes[i]);
  return PacketTemplate::learn(probes, made);
}

std::string filled(const PacketTemplate& packet_template, View values) {
  Octets to(packet_template.size());
  packet_template.write(values, to);
  return to_hex(to);
}

TEST(ProbeValues, NoColumnIsConstantOrOccursTwice) {
  const ProbeValues probes(1000);
  std::set<ProbeValues::Column> columns;
  for (std::size_t i = 0; i < 1000; ++i) {
    ProbeValues::Column column{};
    for (std::size_t k = 0; k < ProbeValues::count; ++k) column[k] = probes[k][i];
    EXPECT_NE(column, (ProbeValues::Column{column[0], column[0], column[0], column[0]}));
    EXPECT_TRUE(columns.insert(column).second);
    EXPECT_EQ(probes.find(column), i);
  }
}

TEST(PacketTemplate, LearnsCopiesAndConstants) {
  const ProbeValues probes(8);
  const auto packet_template = learned(probes, [](View values) {
    Octets made{0xaa};
    append(made, values.subspan(2, 4));
    made.push_back(0xbb);
    append(made, values.last(1));
    append(made, values.subspan(2, 2));
    return made;
  });
  ASSERT_TRUE(packet_template);
  EXPECT_FALSE(packet_template->is_constant());
  EXPECT_EQ(filled(*packet_template, octets("0001020304050607")), "aa02030405bb070203");
  EXPECT_TRUE(learned(probes, [](View) { return Octets{1, 2}; })->is_constant());
  EXPECT_EQ(learned(probes, [](View) { return Octets(); })->size(), 0U);
}

TEST(PacketTemplate, RejectsComputedOctetsAndVaryingLengths) {
  const ProbeValues probes(8);
  EXPECT_FALSE(learned(
      probes, [](View values) { return Octets{static_cast<std::uint8_t>(values[0] + 1)}; }));
  EXPECT_FALSE(learned(probes, [](View values) { return Octets(values[0] % 3); }));
}

}  // namespace
}  // namespace secct::generator::test
