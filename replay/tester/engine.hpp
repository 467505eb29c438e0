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
  Time start_interval = 0;      // minimum time between the starts of two cases
  unsigned retries = 0;         // number of repetitions of a case that does not pass
  std::function<void(std::size_t done, std::size_t all)> progress;
  std::string circumstances = {};  // added to the reason if the router never answers
};

// Runs the cases and returns the results in their order. `description` describes the router at the
// other end of the link.
// - A case is UNSUPPORTED if the description does not meet its needs. One case per undeclared
//   capability is run nevertheless, as a probe whose result is added to the reason.
// - A case is SETUP-FAIL if its control fails, or if the router never answers an echo request.
// - If the router stops answering, the case that caused it is FAIL. The other cases that were
//   running are run again after Link::reset(), or are INCONCLUSIVE if the link cannot reset it.
std::vector<CaseResult> run_cases(std::span<const Case* const> cases,
                                  const RouterDescription& description, Link& link,
                                  const EngineOptions& options);

}  // namespace secct::replay
