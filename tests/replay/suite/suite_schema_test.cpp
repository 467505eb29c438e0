// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/suite_schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "replay/suite/read_steps.hpp"

namespace secct::replay {
namespace {

// tests/e2e/cli/suite_schema.py validates the built-in suites with the schema.
TEST(SuiteSchema, DescribesEveryKeyOfAStep) {
  const auto schema = nlohmann::json::parse(suite_schema());
  const auto& step = schema["$defs"]["step"];
  std::size_t kinds = 0;
  for (const auto& key : step_keys()) {
    EXPECT_EQ(step["properties"][std::string(key.name)]["description"], key.what) << key.name;
    kinds += key.is_kind ? 1U : 0U;
  }
  EXPECT_EQ(step["oneOf"].size(), kinds);
  EXPECT_EQ(schema["$defs"]["case"]["required"],
            (nlohmann::json{"id", "title", "role", "clauses", "steps"}));
}

}  // namespace
}  // namespace secct::replay
