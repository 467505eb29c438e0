// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/clauses.hpp"

#include <set>

#include <gtest/gtest.h>

namespace secct::replay {
namespace {

TEST(Clauses, HaveTheContentOfTheLedger) {
  ASSERT_NE(find_clause("RELOC-5.2-3"), nullptr);
  EXPECT_EQ(find_clause("RELOC-5.2-3")->text, "The PR MUST refuse R1 with octets after Req-SPT.");
  EXPECT_EQ(find_clause("RELOC-5.2-3")->quote,
            "In this case the fields following the Req-SPT field MUST NOT be sent.");
  EXPECT_TRUE(find_clause("ROBUST-1")->quote.empty());  // of no draft
  EXPECT_TRUE(find_clause("RELOC-5.2-3")->binding());
  EXPECT_FALSE(find_clause("FRAME-4.1-2")->binding());
  EXPECT_TRUE(find_clause("ROBUST-13")->binding());  // a decision of wire-format.md
  EXPECT_FALSE(find_clause("ROBUST-1")->binding());  // of behaviour.md
  EXPECT_EQ(find_clause("RELOC-0"), nullptr);
}

TEST(Clauses, HaveUniqueIds) {
  std::set<std::string_view> ids;
  for (const auto& clause : clauses()) EXPECT_TRUE(ids.insert(clause.id).second) << clause.id;
}

}  // namespace
}  // namespace secct::replay
