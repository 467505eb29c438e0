// SPDX-License-Identifier: GPL-2.0-or-later
// --fault and --variation: what the reference router is told to do otherwise.
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
  // UsageError for an unknown name, with the nearest right one, and when both are given.
  BehaviourOverride get() const;
};

}  // namespace secct::cli
