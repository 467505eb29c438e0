// SPDX-License-Identifier: GPL-2.0-or-later
// The output of `secct run --dry-run`.
#pragma once

#include <span>

#include "cli/namespace.hpp"
#include "generator/description/router_description.hpp"
#include "replay/report/report.hpp"
#include "replay/suite/suite.hpp"

namespace secct::cli {

// Prints the packets of the tester in each case. `results` has an entry for each case, of a run
// against the reference router.
void print_dry_run(const RouterDescription& description, std::span<const Case> cases,
                   std::span<const CaseResult> results);

}  // namespace secct::cli
