// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/configurator.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "files/output_file.hpp"
#include "generator/transmit/port.hpp"
#include "replay/wire/hooks.hpp"

namespace secct::replay {
namespace {

// A folder that only this user can read: the description contains keys.
std::filesystem::path private_folder() {
  auto name = (std::filesystem::temp_directory_path() / "secct-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw SetupError(fmt::format("hooks.configure: cannot create the temporary folder {}: {}", name,
                                 std::strerror(errno)));
  }
  return name;
}

constexpr const char* file_name = "router.yaml";

}  // namespace

Configurator::Configurator(const RouterDescription& description, const std::string& file)
    : command_(description.hooks.configure),
      description_(load_yaml(file)),
      folder_(private_folder()) {}

Configurator::~Configurator() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Configurator::configure(const RouterDescription& description) {
  try {
    write_text((folder_ / file_name).string(),
               YAML::Dump(to_yaml(description, description_)) + "\n");
  } catch (const UsageError& error) {
    throw SetupError(fmt::format("hooks.configure: {}", error.what()));
  }
  repeat();
}

void Configurator::repeat() {
  run_hook("configure", command_, {{"DUT", (folder_ / file_name).string()}});
}

}  // namespace secct::replay
