// SPDX-License-Identifier: GPL-2.0-or-later
// Gives a router in the lab another description, by hooks.configure of its own.
#pragma once

#include <filesystem>
#include <string>

#include <yaml-cpp/yaml.h>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class Configurator {
 public:
  // `file` holds the description that `description` was read from. SetupError without a folder for
  // temporary files.
  Configurator(const RouterDescription& description, const std::string& file);
  ~Configurator();
  Configurator(const Configurator&) = delete;
  Configurator& operator=(const Configurator&) = delete;

  // Writes the description of `description` to a file and runs the hook with its name in DUT.
  // SetupError when the hook fails.
  void configure(const RouterDescription& description);
  // The same once more.
  void again();

 private:
  std::string command_;
  YAML::Node description_;
  std::filesystem::path folder_;
};

}  // namespace secct::replay
