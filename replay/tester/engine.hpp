// SPDX-License-Identifier: GPL-2.0-or-later
// Runs cases concurrently on one link, each with its own mobile node.
//
//   const auto description = built_in_description();
//   const Role roles[] = {Role::pr};
//   MemoryLink link(description, roles);
//   const auto cases = read_suite(read_text("my.yaml"), "my.yaml");   // of role pr
//   const Case* list[] = {&cases[0], &cases[1]};
//   const auto results = run_cases(list, description, link, {});
//   std::cout << name(results[0].verdict) << ' ' << results[0].failure.reason() << '\n';
//
// run_suite.hpp runs whole suites: it groups the cases by role and by what they need of the router.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"
#include "replay/router/overrides/behaviour_override.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"
#include "replay/tester/link.hpp"

namespace secct::replay {

struct EngineOptions {
  BehaviourOverride behaviour;  // of the embedded router (run_embedded())
  std::size_t jobs = 0;         // cases that run at the same time; 0 = all
  double rate = 0;              // packets per second to a router on an interface; 0 = any rate
  unsigned retries = 0;         // number of repetitions of a case that does not pass
  // The first mobile node; default: 1 if the router is in its initial state, otherwise a random
  // one.
  std::optional<std::uint32_t> first_mobile_node = {};
  bool check_setup = false;  // first check that the description fits the router (setup_check.hpp)
  // Returns where the description has this path: "dut.yaml:12: router_sas[0]".
  std::function<std::string(const std::string& path)> locate = {};
  // Called with sentences for the report: what the run used, and what it noticed.
  std::function<void(const std::string& sentence)> note = {};
  std::function<void(std::size_t done, std::size_t all)> progress = {};
  bool probes = true;              // undeclared capabilities are probed
  std::string circumstances = {};  // added to the reason if the router never answers
};

// Runs the cases and returns the results in their order. `description` describes the router at the
// other end of the link.
// - A case is UNSUPPORTED if the description does not meet its needs. One case per undeclared
//   capability is run nevertheless, as a probe whose result is added to the reason.
// - A case is SETUP-FAIL if its control fails, or if the router never answers an echo request.
// - On a network, a case that has no answer is repeated among few others, because packets may have
//   been lost. It is FLAKY if it passes then.
// - If the router stops answering, the case that caused it is FAIL. The other cases that were
//   running are run again after Link::reset(), or are INCONCLUSIVE if the link cannot reset it.
// Throws SetupError if the description has too few mobile nodes for the cases or, with check_setup,
// does not fit the router; then no case has run.
std::vector<CaseResult> run_cases(std::span<const Case* const> cases,
                                  const RouterDescription& description, Link& link,
                                  const EngineOptions& options);

}  // namespace secct::replay
