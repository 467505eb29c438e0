// SPDX-License-Identifier: GPL-2.0-or-later
// `secct load` measures a router over a link that the input disturbs (noisy_link.hpp). The first
// octet selects role and kind.
#include "replay/load/load.hpp"
#include "tests/fuzz/noisy_link.hpp"

using namespace secct;
using namespace secct::replay;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 8192;
  if (size == 0 || size > longest) return 0;
  test::FuzzInput input(data, size);
  static const auto description = built_in_description();
  const auto choice = input.octet();
  LoadOptions options;
  options.role = (choice & 1U) != 0 ? Role::pr : Role::nr;
  options.kind =
      options.role == Role::nr && (choice & 2U) != 0 ? LoadKind::predictive : LoadKind::reactive;
  options.rate = 20;
  options.duration = 0.5;

  const bool undisturbed = input.empty();
  test::NoisyLink link(description, options.role, input);
  const auto report = run_load(description, link, options);
  require(report.started == report.completed + report.refused + report.lost, "handovers");
  require(!undisturbed || (report.started > 0 && report.completed == report.started),
          "handovers that do not complete");
  report.to_text();
  return 0;
}
