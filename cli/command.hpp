// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands of `secct`. Each has a row in command.cpp and a file in commands/.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/global_options.hpp"
#include "cli/namespace.hpp"

namespace secct::cli {

// docs/cli.md, "Exit status".
enum class ExitStatus : int { ok = 0, differs = 1, usage = 2, setup = 3, internal_error = 4 };

// Runs a subcommand after the command line has been parsed.
using Command = std::function<ExitStatus()>;

// Each of these functions adds the options of a subcommand to `app` and returns the function that
// runs it. `global` must outlive the returned function.
Command check_command(CLI::App& app, const GlobalOptions& global);
Command completion_command(CLI::App& app, const GlobalOptions& global);
Command craft_command(CLI::App& app, const GlobalOptions& global);
Command decode_command(CLI::App& app, const GlobalOptions& global);
Command generate_command(CLI::App& app, const GlobalOptions& global);
Command list_command(CLI::App& app, const GlobalOptions& global);
Command load_command(CLI::App& app, const GlobalOptions& global);
Command redact_command(CLI::App& app, const GlobalOptions& global);
Command router_command(CLI::App& app, const GlobalOptions& global);
Command run_command(CLI::App& app, const GlobalOptions& global);
Command selftest_command(CLI::App& app, const GlobalOptions& global);
Command show_command(CLI::App& app, const GlobalOptions& global);

// The values of WHAT in `secct list WHAT`.
std::vector<std::string> list_names();

// Runs the program with the arguments that follow its name and returns the exit status. Does not
// throw.
int main(const std::vector<std::string>& arguments);

}  // namespace secct::cli
