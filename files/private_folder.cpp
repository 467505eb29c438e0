// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/private_folder.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "files/yaml_reader.hpp"

namespace secct::files {

// The signal handler reads the strings only while `used` is set.
struct PrivateFolder::Slot {
  std::string folder;
  std::string file;
  std::atomic<bool> used = false;

  // Safe in a signal handler.
  void remove() const {
    if (!used.load()) return;
    unlink(file.c_str());
    rmdir(folder.c_str());
  }
  static std::array<Slot, 8>& all() {
    static std::array<Slot, 8> slots;
    return slots;
  }
};

namespace {

constexpr std::array ending_signals{SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM};

// Adds `handler` for each signal that would end the process.
void handle_signals(void (*handler)(int)) {
  for (const int number : ending_signals) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) continue;
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // raise() in the handler ends the process
    sigaction(number, &action, nullptr);
  }
}

}  // namespace

PrivateFolder::PrivateFolder(const std::string& name) {
  auto& slots = Slot::all();
  auto* const free = std::ranges::find_if(slots, [](const auto& slot) { return !slot.used; });
  if (free == slots.end()) throw UsageError("too many temporary folders");
  std::error_code error;
  auto parent = std::filesystem::temp_directory_path(error);
  if (error) parent = "/tmp";
  auto folder = (parent / "secct-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    throw UsageError(
        fmt::format("cannot create the temporary folder {}: {}", folder, std::strerror(errno)));
  }
  slot_ = free;
  slot_->folder = folder;
  slot_->file = folder + "/" + name;
  slot_->used = true;
  handle_signals([](int number) {
    for (const auto& slot : Slot::all()) slot.remove();
    static_cast<void>(std::raise(number));
  });
}

PrivateFolder::~PrivateFolder() {
  slot_->remove();
  slot_->used = false;
}

const std::string& PrivateFolder::file() const { return slot_->file; }

}  // namespace secct::files
