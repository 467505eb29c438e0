// SPDX-License-Identifier: GPL-2.0-or-later
// Reads any text as a suite file. Its cases can be described, selected, and run in all variants.
#include "replay/suite/select.hpp"
#include "replay/suite/suite.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::replay;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 16384;
  if (size > longest) return 0;
  const std::string text(data, data + size);
  try {
    for (const auto& c : read_suite(text, "input", built_in_sequences())) {
      const std::string patterns[] = {"id:" + c.id};
      require(c.id.find_first_of("*?") != std::string::npos || selected(c, patterns), "select",
              text);
      for (const bool mutated : {false, true}) {
        for (const auto& step : steps_of(c, mutated)) {
          require(!step_lines(step).empty(), "a step without a description", text);
        }
      }
      if (c.mutation) {
        require(c.mutation->step < c.steps.size(), "the step of a mutation", text);
        unchanged_state_steps(c.steps, c.mutation->step);
      }
    }
  } catch (const UsageError&) {  // the suite is invalid
  }
  return 0;
}
