// SPDX-License-Identifier: GPL-2.0-or-later
// Runs cases: all of them at once on one link, each with a mobile node of its own.
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
  BehaviourOverride behaviour;  // of the embedded router
  std::size_t jobs = 0;         // cases at once; 0 = all
  Time start_interval = 0;      // between the starts of two cases
  unsigned retries = 0;         // how often a case that does not pass is run again
  std::function<void(std::size_t done, std::size_t all)> progress;
  std::string circumstances = {};  // behind what is said of a router that never answers
};

// The results in the order of the cases. A case that needs what the description
// does not declare is UNSUPPORTED; one whose control fails is SETUP-FAIL. A router that stops
// answering fails the case that stopped it; the others are run again after Link::reset(), or are
// INCONCLUSIVE.
std::vector<CaseResult> run_cases(std::span<const Case* const> cases,
                                  const RouterDescription& description, Link& link,
                                  const EngineOptions& options);

// docs/cli.md, "Sequence numbers": the tester's SAs without one begin where no earlier run has
// been. `now` in nanoseconds since 1970; nothing happens in a virtual time.
void number_sequences(RouterDescription& description, Time now);

// All of them against a router in the lab, whatever its roles: a case of a role that it does not
// have is UNSUPPORTED. With hooks.configure the cases run in groups, and Link::configure() gives
// the router what each group needs; where that fails the group is SETUP-FAIL. The tester's sequence
// numbers go on from one run to the next.
std::vector<CaseResult> run_live(const std::vector<Case>& cases,
                                 const RouterDescription& description, Link& link,
                                 const EngineOptions& options);

// Every role of the cases in turn against embedded routers, one for each set of policies that a
// case needs.
std::vector<CaseResult> run_embedded(const std::vector<Case>& cases,
                                     const RouterDescription& description,
                                     const EngineOptions& options);

}  // namespace secct::replay
