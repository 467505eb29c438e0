// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/private_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
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
  int lock = -1;  // the open folder; its lock ends with the process
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

constexpr std::string_view name_begin = "secct-private-";

// Opens a folder of this user and locks it. Returns -1 if that is not possible, because another
// process has locked it, or because it is not there any more.
int open_locked(const std::string& folder) {
  const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (opened < 0) return -1;
  struct stat status {};
  if (flock(opened, LOCK_EX | LOCK_NB) == 0 && fstat(opened, &status) == 0 &&
      status.st_uid == geteuid() && status.st_nlink > 0) {
    return opened;
  }
  close(opened);
  return -1;
}

// Removes the folders in `parent` that no process has locked.
void remove_abandoned(const std::filesystem::path& parent, const std::string& file) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(parent, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto folder = entry->path().string();
    if (!entry->path().filename().string().starts_with(name_begin)) continue;
    const int opened = open_locked(folder);
    if (opened < 0) continue;
    unlinkat(opened, file.c_str(), 0);
    rmdir(folder.c_str());
    close(opened);
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
  remove_abandoned(parent, name);
  std::string folder;
  int lock = -1;
  // Another process may take a new folder for an abandoned one until it is locked.
  for (int attempt = 0; lock < 0 && attempt < 100; ++attempt) {
    folder = (parent / name_begin).string() + "XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) {
      throw UsageError(
          fmt::format("cannot create the temporary folder {}: {}", folder, std::strerror(errno)));
    }
    lock = open_locked(folder);
  }
  if (lock < 0) throw UsageError(fmt::format("cannot lock the temporary folder {}", folder));
  slot_ = free;
  slot_->folder = folder;
  slot_->file = folder + "/" + name;
  slot_->lock = lock;
  slot_->used = true;
  handle_signals([](int number) {
    for (const auto& slot : Slot::all()) slot.remove();
    static_cast<void>(std::raise(number));
  });
}

PrivateFolder::~PrivateFolder() {
  slot_->remove();
  slot_->used = false;
  close(slot_->lock);
}

const std::string& PrivateFolder::file() const { return slot_->file; }

}  // namespace secct::files
