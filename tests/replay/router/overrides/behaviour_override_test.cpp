// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/overrides/behaviour_override.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> list(1);
  for (char c : text) {
    if (c == ' ') {
      list.emplace_back();
    } else {
      list.back() += c;
    }
  }
  return list;
}

TEST(Faults, HaveUniqueNames) {
  std::set<std::string_view> names;
  for (const auto& fault : faults()) {
    EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
    EXPECT_EQ(find_fault(fault.name), &fault);
    EXPECT_EQ(&row(fault.id), &fault);
  }
  for (const auto& variation : variations()) {
    EXPECT_TRUE(names.insert(variation.name).second) << variation.name;
    EXPECT_EQ(find_variation(variation.name), &variation);
  }
  EXPECT_EQ(find_fault("none"), nullptr);
}

TEST(Faults, NameExistingClauses) {
  for (const auto& fault : faults()) {
    ASSERT_FALSE(fault.clauses.empty()) << fault.name;
    for (const auto& id : split(fault.clauses)) {
      EXPECT_NE(find_clause(id), nullptr) << fault.name << ": " << id;
      EXPECT_TRUE(fault.violates(id)) << fault.name << ": " << id;
    }
    EXPECT_FALSE(fault.violates("RELOC"));
  }
  for (const auto& variation : variations()) {
    if (variation.clauses.empty()) continue;
    for (const auto& id : split(variation.clauses)) {
      EXPECT_NE(find_clause(id), nullptr) << variation.name << ": " << id;
    }
  }
}

// The suite reports FAIL only for a binding clause.
TEST(Faults, ViolateABindingClauseIfTheirLevelIsMust) {
  for (const auto& fault : faults()) {
    const auto ids = split(fault.clauses);
    const bool binding =
        std::ranges::any_of(ids, [](const auto& id) { return find_clause(id)->binding(); });
    if (fault.level == FaultLevel::must) {
      EXPECT_TRUE(binding) << fault.name;
    } else if (fault.level == FaultLevel::should) {
      EXPECT_FALSE(binding) << fault.name;
    }
  }
}

}  // namespace
}  // namespace secct::replay
