// SPDX-License-Identifier: GPL-2.0-or-later
// Man pages and shell completion, made from the same definitions as --help.
#pragma once

#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/namespace.hpp"

namespace secct::cli {

// File name -> contents: secct.1, secct-NAME.1 of each subcommand that is not hidden, and the
// completions secct.bash, _secct (zsh), secct.fish. `root` is the program's command line.
std::map<std::string, std::string> manual_files(const CLI::App& root);

}  // namespace secct::cli
