// SPDX-License-Identifier: GPL-2.0-or-later
// Reconfigures a router under test with another description, by its hooks.configure.
#pragma once

#include <filesystem>
#include <string>

#include <yaml-cpp/yaml.h>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class Configurator {
 public:
  // `file` is the file that `description` was read from. Throws SetupError if no temporary folder
  // can be created.
  Configurator(const RouterDescription& description, const std::string& file);
  ~Configurator();
  Configurator(const Configurator&) = delete;
  Configurator& operator=(const Configurator&) = delete;

  // Writes `description` to a file and runs the hook with the name of the file in DUT. Throws
  // SetupError if the hook fails.
  void configure(const RouterDescription& description);
  // Runs the hook again with the same file.
  void repeat();

 private:
  std::string command_;
  YAML::Node description_;
  std::filesystem::path folder_;
};

}  // namespace secct::replay
