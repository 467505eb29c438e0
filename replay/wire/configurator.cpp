// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/configurator.hpp"

#include <optional>

#include <fmt/format.h>

#include "files/output_file.hpp"
#include "files/private_folder.hpp"
#include "files/yaml_reader.hpp"
#include "generator/transmit/port.hpp"
#include "replay/wire/hooks.hpp"

namespace secct::replay {
namespace {

[[noreturn]] void fail(const UsageError& error) {
  throw SetupError(fmt::format("hooks.configure: {}", error.what()));
}

}  // namespace

Configurator::Configurator(const RouterDescription& description, const std::string& file)
    : command_(description.hooks.configure), description_(load_yaml(file)) {}

void Configurator::configure(const RouterDescription& description) {
  text_ = dump_yaml(to_yaml(description, description_));
  repeat();
}

void Configurator::repeat() {
  std::optional<PrivateFolder> folder;  // the description contains keys
  try {
    folder.emplace("router.yaml");
    write_text(folder->file(), text_);
  } catch (const UsageError& error) {
    fail(error);
  }
  run_hook("configure", command_, {{"DUT", folder->file()}});
}

}  // namespace secct::replay
