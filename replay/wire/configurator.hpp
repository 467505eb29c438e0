// SPDX-License-Identifier: GPL-2.0-or-later
// Reconfigures a router under test with another description, by its hooks.configure.
#pragma once

#include <string>

#include <yaml-cpp/yaml.h>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class Configurator {
 public:
  // `file` is the file that `description` was read from.
  Configurator(const RouterDescription& description, const std::string& file);

  // Writes `description` to a file and runs the hook with the name of the file in DUT. Only this
  // user can read the file, and it exists only while the hook runs. Throws SetupError if the file
  // cannot be written or the hook fails.
  void configure(const RouterDescription& description);
  // Runs the hook again with the same file.
  void repeat();

 private:
  std::string command_;
  YAML::Node description_;
  std::string text_;  // of the latest description
};

}  // namespace secct::replay
