// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the commands of a router description that prepare the router under test (docs/cli.md,
// hooks).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "replay/namespace.hpp"

namespace secct::replay {

using HookVariables = std::vector<std::pair<std::string, std::string>>;

// Runs `command` in a shell, with `variables` added to its environment, and waits for its end. Does
// nothing if it is empty. `name` is the name of the hook, for errors. Throws SetupError if the
// command fails or takes longer than 60 s; in the latter case its processes are killed.
void run_hook(const std::string& name, const std::string& command, const HookVariables& variables);

}  // namespace secct::replay
