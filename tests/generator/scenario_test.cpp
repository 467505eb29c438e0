// SPDX-License-Identifier: GPL-2.0-or-later
// Whole handovers: their messages, times, comments, and that a seed decides everything.
#include "generator/scenario.hpp"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/fields.hpp"
#include "tests/generator/support.hpp"

namespace secct::test {
namespace {

std::vector<Octets> octets_of(const Scenario& scenario) {
  std::vector<Octets> all;
  for (const auto& packet : scenario.document.packets) all.push_back(built(packet, scenario.keys));
  return all;
}

std::vector<std::string> messages(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const auto& packet : scenario.document.packets) {
    const auto number = packet.message()->find(Field::message)->number();
    names.emplace_back(find_value(Values::message, *number)->key);
  }
  return names;
}

TEST(Scenario, TheMessagesOfEachHandover) {
  EXPECT_THAT(messages(make_scenario("predictive", lab(), 1, 1)),
              testing::ElementsAre("HI", "HAck", "SHIN", "SHAK"));
  EXPECT_THAT(messages(make_scenario("reactive", lab(), 1, 1)),
              testing::ElementsAre("SHIN", "SHREQ", "SHREP", "SHREP-Ack", "SHAK"));
}

TEST(Scenario, ASeedDecidesEverything) {
  for (const auto& row : scenarios()) {
    const auto first = make_scenario(row.name, lab(), 3, 7);
    const auto again = make_scenario(row.name, lab(), 3, 7);
    const auto other = make_scenario(row.name, lab(), 3, 8);
    EXPECT_TRUE(octets_of(first) == octets_of(again));
    EXPECT_FALSE(octets_of(first) == octets_of(other));
    for (std::size_t i = 0; i < first.document.packets.size(); ++i) {
      EXPECT_EQ(first.document.packets[i].time, again.document.packets[i].time);
      EXPECT_EQ(first.document.packets[i].comment, again.document.packets[i].comment);
    }
  }
}

TEST(Scenario, ManyHandoversAtOnce) {
  for (const auto& row : scenarios()) {
    SCOPED_TRACE(row.name);
    const auto scenario = make_scenario(row.name, lab(), 20, 3);
    const auto single = make_scenario(row.name, lab(), 1, 3).document.packets.size();
    ASSERT_EQ(scenario.document.packets.size(), 20 * single);
    std::set<Octets> seen;
    std::uint64_t last = 0;
    std::map<std::uint64_t, std::uint64_t> sequences;
    for (const auto& packet : scenario.document.packets) {
      EXPECT_TRUE(seen.insert(built(packet, scenario.keys)).second);
      EXPECT_GE(packet.time, last);
      last = packet.time;
      if (const auto* ah = packet.find(LayerKind::ah)) {
        const auto number = *ah->number(HeaderField::ah_sequence);
        auto& highest = sequences[*ah->number(HeaderField::ah_spi)];
        EXPECT_GT(number, highest);  // or a receiver would take it for a replay
        highest = number;
      }
      EXPECT_THAT(packet.comment,
                  testing::MatchesRegex(std::string(row.name) +
                                        ", mobile node [0-9]+, step [0-9] of [0-9]: .+ \\[.+\\]"));
    }
  }
}

TEST(Scenario, RepliesCopyTheIdentifier) {
  const auto scenario = make_scenario("reactive", lab(), 2, 5);
  std::map<std::string, std::set<std::uint64_t>> by_paddr;
  for (const auto& packet : scenario.document.packets) {
    const auto* identifier = packet.message()->find(Field::identifier);
    const auto* option = packet.message()->find(Field::options);
    if (identifier == nullptr || option == nullptr) continue;
    by_paddr[to_hex(*option->find(Field::paddr)->octets())].insert(*identifier->number());
  }
  EXPECT_EQ(by_paddr.size(), 2U);
  for (const auto& [paddr, identifiers] : by_paddr) EXPECT_EQ(identifiers.size(), 1U);
}

TEST(Scenario, Mistakes) {
  EXPECT_EQ(error_of([] { make_scenario("reactiv", lab(), 1, 1); }),
            "reactiv: no such scenario; there are predictive, reactive; did you mean reactive?");
  EXPECT_EQ(error_of([] { make_scenario("reactive", lab(), 0, 1); }),
            "0 handovers: the router description has 1048576 mobile nodes");
  EXPECT_EQ(error_of([] { make_scenario("reactive", lab(), 1048577, 1); }),
            "1048577 handovers: the router description has 1048576 mobile nodes");
}

}  // namespace
}  // namespace secct::test
