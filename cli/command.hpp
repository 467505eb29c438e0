// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands of `secct`: one row each in command.cpp, one file each.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/namespace.hpp"
#include "generator/description/router_description.hpp"

namespace secct::cli {

// docs/cli.md, "Exit status".
enum class Exit : int { ok = 0, differs = 1, usage = 2, setup = 3, fault = 4 };

// Options that work everywhere.
struct Common {
  std::string codepoints_file;
  bool no_color = false;

  CodePoints codepoints() const;  // defaults, or the profile
  // A router description; the built-in lab where `file` is empty. A profile's code points win.
  RouterDescription description(const std::string& file) const;
  // What packets are read with: of a description, if there is one.
  struct Known {
    CodePoints codepoints;
    Keyring keys;
  };
  Known known(const std::string& file) const;
  bool color() const;  // standard output is a terminal and nobody objects
};

// A subcommand adds its options to `app` and returns what it does when chosen.
using Action = std::function<Exit()>;
using Setup = Action (*)(CLI::App& app, const Common& common);

Action craft(CLI::App& app, const Common& common);
Action decode(CLI::App& app, const Common& common);
Action generate(CLI::App& app, const Common& common);
Action router(CLI::App& app, const Common& common);
Action redact(CLI::App& app, const Common& common);
Action run(CLI::App& app, const Common& common);
Action load(CLI::App& app, const Common& common);
Action check(CLI::App& app, const Common& common);
Action list(CLI::App& app, const Common& common);
Action selftest(CLI::App& app, const Common& common);
Action manual(CLI::App& app, const Common& common);
Action show(CLI::App& app, const Common& common);

// What `secct list` takes.
std::vector<std::string> what_can_be_listed();

// The whole program; never throws.
int main(const std::vector<std::string>& arguments);

}  // namespace secct::cli
