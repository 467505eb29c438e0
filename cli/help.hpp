// SPDX-License-Identifier: GPL-2.0-or-later
// The layout of --help. packaging/generate-files makes the manual pages from it, with help2man.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/namespace.hpp"

namespace secct::cli {

// Wraps descriptions at 80 columns, shows the value name and the default of each option, and lists
// the global options in the help of every subcommand.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_description(const CLI::App* app) const override;
  std::string make_option(const CLI::Option* option, bool positional) const override;
  std::string make_subcommand(const CLI::App* sub) const override;
};

// The name of the option's value in --help: "FILE". Empty for a flag.
std::string value_name(const CLI::Option& option);

}  // namespace secct::cli
