// SPDX-License-Identifier: GPL-2.0-or-later
// Completion scripts for shells, made from the definitions of the command line.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/namespace.hpp"

namespace secct::cli {

// Returns the completion script of the program `root` for `shell`: bash, zsh or fish.
// UsageError for another shell.
std::string completion_script(const CLI::App& root, const std::string& shell);

}  // namespace secct::cli
