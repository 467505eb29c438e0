// SPDX-License-Identifier: GPL-2.0-or-later
// What holds for the values of all options.
#pragma once

#include <CLI/CLI.hpp>

namespace secct::cli {

// Makes empty values of options and arguments errors, and numbers decimal, or hexadecimal with 0x:
// CLI11 reads 010 as an octal number. For all options of `app` and of its subcommands, after they
// were added.
void require_strict_values(CLI::App& app);

}  // namespace secct::cli
