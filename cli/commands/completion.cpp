// SPDX-License-Identifier: GPL-2.0-or-later
// secct completion: prints a completion script. Hidden: the build installs the scripts.
#include "cli/completion.hpp"

#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"

namespace secct::cli {

Command completion_command(CLI::App& app, const GlobalOptions&) {
  auto shell = std::make_shared<std::string>();
  app.add_option("SHELL", *shell, "bash, zsh or fish")->required();
  return [&app, shell] {
    fmt::print("{}", completion_script(*app.get_parent(), *shell));
    return ExitStatus::ok;
  };
}

}  // namespace secct::cli
