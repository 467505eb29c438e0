// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/hooks.hpp"

#include <gtest/gtest.h>

#include "generator/transmit/port.hpp"

namespace secct::replay {
namespace {

TEST(Hooks, PassesVariablesInTheEnvironment) {
  run_hook("provision", R"(test "$CASE" = "RELOC-5.2-2/all-sas" && test "$ROLE" = pr)",
           {{"CASE", "RELOC-5.2-2/all-sas"}, {"ROLE", "pr"}});
  run_hook("reset", "", {});
}

TEST(Hooks, ReportsFailureOfTheCommand) {
  try {
    run_hook("reset", "exit 3", {});
    FAIL() << "no error";
  } catch (const SetupError& error) {
    EXPECT_STREQ(error.what(), "hooks.reset: 'exit 3' failed with exit status 3");
  }
  EXPECT_THROW(run_hook("trigger", "kill -9 $$", {}), SetupError);
}

}  // namespace
}  // namespace secct::replay
