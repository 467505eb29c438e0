// SPDX-License-Identifier: GPL-2.0-or-later
// Runs whole suites: groups the cases that can run against the same router, and configures the
// router for each group.
#pragma once

#include <vector>

#include "replay/namespace.hpp"
#include "replay/tester/engine.hpp"

namespace secct::replay {

// Runs the cases against the router with this description at the other end of the link. Cases of a
// role that the router does not have are UNSUPPORTED. With hooks.configure, cases that need another
// description run in groups, after Link::configure() with the description of the group; if that
// or the check of the set-up fails, the group is SETUP-FAIL. The sequence numbers of the tester's
// SAs are those of set_initial_sequence_numbers(). Throws SetupError as run_cases() if the router
// as described is not set up.
std::vector<CaseResult> run_live(const std::vector<Case>& cases,
                                 const RouterDescription& description, Link& link,
                                 const EngineOptions& options);

// Runs the cases against embedded routers: one for each role and each group of cases.
std::vector<CaseResult> run_embedded(const std::vector<Case>& cases,
                                     const RouterDescription& description,
                                     const EngineOptions& options);

}  // namespace secct::replay
