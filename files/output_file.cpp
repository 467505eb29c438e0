// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/output_file.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "files/unnamed_file.hpp"
#include "files/yaml_reader.hpp"

namespace secct::files {
namespace {

namespace fs = std::filesystem;

constexpr mode_t new_file_mode = 0666;  // reduced by the umask
constexpr mode_t permission_bits = 07777;

std::string folder_of(const fs::path& path) {
  const auto parent = path.parent_path();
  return parent.empty() ? "." : parent.string();
}

// The number of the descriptor if `path` is a link in /proc/self/fd.
std::optional<int> own_descriptor(const fs::path& path) {
  std::error_code error;
  const auto folder = fs::canonical(folder_of(path), error);
  if (error || folder != fs::canonical("/proc/self/fd", error)) return std::nullopt;
  const auto number = to_number(path.filename().string());
  if (!number || *number > INT32_MAX) return std::nullopt;
  return static_cast<int>(*number);
}

// The target of the symbolic link `path`; std::nullopt if it is not one.
std::optional<fs::path> link_target(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(fs::symlink_status(path, error))) return std::nullopt;
  const auto to = fs::read_symlink(path, error);
  if (error) return std::nullopt;
  return to.is_absolute() ? to : fs::path(folder_of(path)) / to;
}

}  // namespace

OutputFile::OutputFile(std::string file) : file_(std::move(file)) {
  if (file_ == "-") {
    std::fflush(stdout);  // buffered text precedes the octets of this file
    descriptor_ = STDOUT_FILENO;
    return;
  }
  constexpr int most_links = 40;  // as in the kernel
  fs::path path = file_;
  int links = 0;
  while (const auto next = link_target(path)) {
    if (open_own_descriptor(path.string())) return;
    if (++links > most_links) fail(ELOOP);
    path = *next;
  }
  target_ = path.string();
  struct stat existing {};
  if (stat(target_.c_str(), &existing) == 0) {
    open_existing(existing);
  } else {
    open_unnamed(false);
    replaceable_ = true;
  }
}

// A descriptor of this process is not opened again: that would lose its position and O_APPEND.
bool OutputFile::open_own_descriptor(const std::string& path) {
  const auto number = own_descriptor(path);
  if (!number) return false;
  if (*number == STDOUT_FILENO) std::fflush(stdout);
  descriptor_ = fcntl(*number, F_DUPFD_CLOEXEC, 0);
  if (descriptor_ < 0) fail(errno);
  return true;
}

void OutputFile::open_existing(const struct stat& existing) {
  if (!S_ISREG(existing.st_mode)) {
    descriptor_ = open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(errno);
    target_.clear();
    return;
  }
  if (access(target_.c_str(), W_OK) != 0) fail(errno);
  open_unnamed(true);
  replaceable_ = existing.st_nlink == 1 && keep_owner_and_mode(existing);
}

// Not every file system has unnamed files that can get a name later.
void OutputFile::open_unnamed(bool target_exists) {
  const auto folder = folder_of(target_);
  descriptor_ = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, new_file_mode);
  if (descriptor_ >= 0) return;
  if (!target_exists && errno != EOPNOTSUPP && errno != EISDIR) fail(errno);
  descriptor_ = open_unnamed_file();
  if (descriptor_ < 0) fail(errno);
}

bool OutputFile::keep_owner_and_mode(const struct stat& existing) const {
  struct stat own {};
  if (fstat(descriptor_, &own) != 0) return false;
  const bool same_owner = own.st_uid == existing.st_uid && own.st_gid == existing.st_gid;
  return (same_owner || fchown(descriptor_, existing.st_uid, existing.st_gid) == 0) &&
         fchmod(descriptor_, existing.st_mode & permission_bits) == 0;
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) static_cast<void>(close_descriptor());
}

void OutputFile::write(View octets) {
  while (!octets.empty()) {
    const auto written = ::write(descriptor_, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
}

void OutputFile::close() {
  if (descriptor_ < 0) return;
  if (!target_.empty() && !replace_target()) overwrite_target();
  if (!close_descriptor()) fail(errno);
}

// Gives the unnamed file the name of the target. Returns false if that is not possible.
bool OutputFile::replace_target() const {
  constexpr unsigned attempts = 100;
  if (!replaceable_) return false;
  const auto unnamed = fmt::format("/proc/self/fd/{}", descriptor_);
  const auto add_name = [&](const std::string& name) {
    return linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
  };
  if (add_name(target_)) return true;
  // A name cannot be given to another file directly.
  for (unsigned i = 0; errno == EEXIST && i < attempts; ++i) {
    const auto name = fmt::format("{}/.secct-{}-{}", folder_of(target_), getpid(), i);
    if (!add_name(name)) continue;
    if (std::rename(name.c_str(), target_.c_str()) == 0) return true;
    unlink(name.c_str());
    return false;
  }
  return false;
}

void OutputFile::overwrite_target() const {
  const int to = open(target_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, new_file_mode);
  if (to < 0) fail(errno);
  const auto octets = lseek(descriptor_, 0, SEEK_END);
  off_t copied = 0;
  while (copied < octets) {
    const auto part = sendfile(to, descriptor_, &copied, static_cast<std::size_t>(octets - copied));
    if (part > 0 || (part < 0 && errno == EINTR)) continue;
    const int error = errno;
    ::close(to);
    fail(error);
  }
  if (::close(to) != 0) fail(errno);
}

void OutputFile::fail(int error) const {
  throw UsageError(fmt::format("{}: {}", file_, std::strerror(error)));
}

// Returns false and sets errno if the last octets could not be written.
bool OutputFile::close_descriptor() {
  const int closed = std::exchange(descriptor_, -1);
  return closed == STDOUT_FILENO || ::close(closed) == 0;
}

void write_text(const std::string& file, std::string_view text) {
  OutputFile output(file);
  output.write(View(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  output.close();
}

}  // namespace secct::files
