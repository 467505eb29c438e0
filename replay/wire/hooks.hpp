// SPDX-License-Identifier: GPL-2.0-or-later
// Commands of the router description that bring a router under test into the state that a test
// needs (docs/cli.md, hooks).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "replay/namespace.hpp"

namespace secct::replay {

using HookVariables = std::vector<std::pair<std::string, std::string>>;

// Runs `command` in a shell with `variables` in its environment and waits for it; nothing happens
// when it is empty. SetupError when it fails or takes longer than a minute.
void run_hook(const std::string& name, const std::string& command, const HookVariables& variables);

}  // namespace secct::replay
