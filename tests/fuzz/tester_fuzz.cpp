// SPDX-License-Identifier: GPL-2.0-or-later
// The tester judges a router over a link that the input disturbs (noisy_link.hpp). The first four
// octets select two cases of the built-in suites.
#include "generator/transmit/port.hpp"
#include "replay/tester/engine.hpp"
#include "tests/fuzz/noisy_link.hpp"

using namespace secct;
using namespace secct::replay;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 8192;
  if (size < 4 || size > longest) return 0;
  test::FuzzInput input(data, size);
  static const auto description = built_in_description();
  static const auto& cases = built_in_cases();
  const auto& first = cases[input.number() % cases.size()];
  const auto& second = cases[input.number() % cases.size()];
  std::vector<const Case*> chosen{&first};
  if (second.role == first.role && &second != &first) chosen.push_back(&second);

  const bool undisturbed = input.empty();
  test::NoisyLink link(description, first.role, input);
  EngineOptions options;
  options.first_mobile_node = 1;
  options.probes = false;
  const auto results = run_cases(chosen, description, link, options);
  require(results.size() == chosen.size(), "a case without a result");
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto verdict = results[i].verdict;
    require(verdict == Verdict::pass || !results[i].failure.reason().empty(), "no reason",
            chosen[i]->id);
    require(!undisturbed || verdict == Verdict::pass || verdict == Verdict::unsupported,
            "a conforming router does not pass", chosen[i]->id);
  }
  return 0;
}
