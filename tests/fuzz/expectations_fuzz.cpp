// SPDX-License-Identifier: GPL-2.0-or-later
// Reads any text as a list of expected verdicts, and as a report of an earlier run.
#include "replay/suite/expectations.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::replay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 8192;
  if (size > longest) return 0;
  const test::MemoryFile file(View(data, size));
  try {
    const auto& cases = built_in_cases();
    const auto expected = load_expectations(file.path(), cases);
    const std::vector<CaseResult> passed(cases.size());
    const auto found = differences(cases, passed, expected, true);
    test::require(found.size() <= cases.size(), "differences", View(data, size));
  } catch (const UsageError&) {  // no such list
  }
  try {
    failed_in(file.path());
  } catch (const UsageError&) {  // no such report
  }
  return 0;
}
