// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/global_options.hpp"

#include <unistd.h>

#include <cstdlib>

#include "generator/document/yaml.hpp"

namespace secct::cli {

void GlobalOptions::add_to(CLI::App& app) {
  app.add_option("--codepoints", codepoints_file, "use the code points of this profile (YAML)")
      ->type_name("FILE");
  app.add_flag("--no-color", no_color, "print without colours");
}

CodePoints GlobalOptions::codepoints() const {
  CodePoints points;
  if (!codepoints_file.empty()) {
    read_codepoints(load_yaml(codepoints_file), {codepoints_file, ""}, points);
  }
  return points;
}

RouterDescription GlobalOptions::description(const std::string& file) const {
  auto description = file.empty() ? built_in_description() : load_description(file);
  if (!codepoints_file.empty()) description.codepoints = codepoints();
  return description;
}

DecodeSettings GlobalOptions::decode_settings(const std::string& file) const {
  if (file.empty()) return {codepoints(), {}};
  const auto router = description(file);
  return {router.codepoints, router.keyring()};
}

bool GlobalOptions::color() const {
  return !no_color && std::getenv("NO_COLOR") == nullptr && isatty(STDOUT_FILENO) == 1;
}

}  // namespace secct::cli
