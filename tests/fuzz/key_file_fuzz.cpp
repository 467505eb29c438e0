// SPDX-License-Identifier: GPL-2.0-or-later
// The plugin reads any text as a key file and as a code-point profile.
#include "dissector/epan/codepoint_file.hpp"
#include "dissector/keys/keys.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::dissector;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 8192;
  if (size > longest) return 0;
  const test::MemoryFile file(View(data, size));
  KeyFile keys;
  const auto error = read_key_file(file.path().c_str(), keys);
  require(error.empty() || keys.sas.empty(), "keys of a file that is wrong", View(data, size));
  CodePoints points;
  const auto problem = read_codepoint_file(file.path().c_str(), points);
  for (const auto& row : codepoints()) {
    require(problem.empty() || points[row.id] == row.value, "code points of a file that is wrong",
            View(data, size));
  }
  return 0;
}
