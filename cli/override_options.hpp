// SPDX-License-Identifier: GPL-2.0-or-later
// --fault and --variation, which change the behaviour of the reference router.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/namespace.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::cli {

struct OverrideOptions {
  std::string fault;
  std::string variation;

  void add_to(CLI::App& app);
  // Returns the chosen override. UsageError for an unknown name, or if both options are given.
  BehaviourOverride get() const;
};

}  // namespace secct::cli
