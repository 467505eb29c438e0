// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.hpp"
#include "files/diagnostics.hpp"

int main(int argc, char** argv) {
  secct::files::open_standard_streams();
  return secct::cli::main(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
