// SPDX-License-Identifier: GPL-2.0-or-later
// The malformed catalogue: every entry is wrong in the way that it says and in no other.
#include "generator/malformed/catalogue.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/malformed/read_catalogue.hpp"
#include "generator/malformed/verify_single_fault.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using Kind = Reaction::Kind;

// Complaints of the lint about one entry, made for a handover of a mobile node.
std::string complaint(const Malformed& entry, Handover& handover) {
  auto keys = handover.keyring();
  const auto& points = handover.description().codepoints;
  const auto values = handover_variables(handover);
  auto twin = *handover.by_name(entry.message);
  try {
    make_twin(entry, points, values, keys, twin);
    const auto packets = malform(entry, points, values, twin, keys);
    return verify_single_fault(entry, points, keys, twin, packets);
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(Catalogue, EveryEntryIsWrongInItsOneWay) {
  // Keys are other octets for each mobile node, and what is read at a wrong place with them.
  for (const std::uint32_t mobile_node : {1U, 64U, 1000U}) {
    Counters counters;
    Handover handover(description(), Role::nr, mobile_node, 7, counters);
    for (const auto& entry : malformed()) {
      EXPECT_EQ(complaint(entry, handover), "") << entry.name << ", mobile node " << mobile_node;
    }
  }
}

TEST(Catalogue, IsLargeAndNamedWell) {
  EXPECT_GE(malformed().size(), 150U);
  std::set<std::string> names;
  for (const auto& entry : malformed()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name << " stands twice";
    EXPECT_FALSE(entry.why.empty()) << entry.name;
    EXPECT_FALSE(entry.clauses.empty()) << entry.name;
  }
}

}  // namespace
}  // namespace secct::generator::test
