// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.hpp"

int main(int argc, char** argv) {
  return secct::cli::main(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
