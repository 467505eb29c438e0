// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/configurator.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "files/output_file.hpp"
#include "generator/transmit/port.hpp"
#include "replay/wire/hooks.hpp"

namespace secct::replay {
namespace {

constexpr const char* file_name = "router.yaml";
constexpr std::array fatal_signals{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

// What the signal handler removes.
std::array<char, 4096> file_to_remove{};
std::array<char, 4096> folder_to_remove{};

void remove_and_end(int number) {
  unlink(file_to_remove.data());
  rmdir(folder_to_remove.data());
  std::signal(number, SIG_DFL);
  raise(number);
}

void remember(std::array<char, 4096>& to, const std::string& path) {
  to[path.copy(to.data(), to.size() - 1)] = '\0';
}

// A file with `text` in a folder that only this user can read: the description contains keys. The
// object removes both, and so do the signals that end the program.
class PrivateFile {
 public:
  explicit PrivateFile(const std::string& text) {
    auto folder = (std::filesystem::temp_directory_path() / "secct-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) {
      throw SetupError(fmt::format("hooks.configure: cannot create the temporary folder {}: {}",
                                   folder, std::strerror(errno)));
    }
    folder_ = folder;
    path_ = (folder_ / file_name).string();
    remember(file_to_remove, path_);
    remember(folder_to_remove, folder);
    for (std::size_t i = 0; i < fatal_signals.size(); ++i) {
      previous_[i] = std::signal(fatal_signals[i], remove_and_end);
      if (previous_[i] == SIG_IGN) std::signal(fatal_signals[i], SIG_IGN);  // as with nohup
    }
    try {
      write_text(path_, text);
    } catch (const UsageError& error) {
      remove();
      throw SetupError(fmt::format("hooks.configure: {}", error.what()));
    }
  }
  ~PrivateFile() { remove(); }
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  void remove() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    for (std::size_t i = 0; i < fatal_signals.size(); ++i) {
      std::signal(fatal_signals[i], previous_[i]);
    }
  }

  std::filesystem::path folder_;
  std::string path_;
  std::array<void (*)(int), fatal_signals.size()> previous_{};
};

}  // namespace

Configurator::Configurator(const RouterDescription& description, const std::string& file)
    : command_(description.hooks.configure), description_(load_yaml(file)) {}

void Configurator::configure(const RouterDescription& description) {
  text_ = YAML::Dump(to_yaml(description, description_)) + "\n";
  repeat();
}

void Configurator::repeat() {
  const PrivateFile file(text_);
  run_hook("configure", command_, {{"DUT", file.path()}});
}

}  // namespace secct::replay
