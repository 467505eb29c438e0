// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "files/yaml_reader.hpp"

namespace secct::files {
namespace {

// Creates a new file in the folder of `target`; returns its descriptor, or -1 and errno.
int open_temporary(const std::string& target, std::string& name) {
  for (unsigned i = 0; i < 100; ++i) {
    name = fmt::format("{}.{}-{}", target, getpid(), i);
    const int file = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EEXIST) return file;
  }
  return -1;
}

}  // namespace

OutputFile::OutputFile(std::string file) : file_(std::move(file)) {
  if (file_ == "-") {
    std::fflush(stdout);  // buffered text precedes the octets of this file
    descriptor_ = STDOUT_FILENO;
    return;
  }
  std::error_code error;
  target_ = std::filesystem::weakly_canonical(file_, error).string();
  if (error) target_ = file_;
  struct stat existing {};
  const bool exists = stat(target_.c_str(), &existing) == 0;
  if (exists && !S_ISREG(existing.st_mode)) {
    descriptor_ = open(file_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(errno);
    return;
  }
  if (exists && access(target_.c_str(), W_OK) != 0) fail(errno);
  descriptor_ = open_temporary(target_, temporary_);
  if (descriptor_ < 0) fail(errno);
  if (exists) static_cast<void>(fchmod(descriptor_, existing.st_mode & 07777));
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  static_cast<void>(close_descriptor());
  discard();
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
  const bool complete =
      close_descriptor() &&
      (temporary_.empty() || std::rename(temporary_.c_str(), target_.c_str()) == 0);
  if (complete) return;
  const int error = errno;
  discard();
  fail(error);
}

void OutputFile::fail(int error) const {
  throw UsageError(fmt::format("{}: {}", file_, std::strerror(error)));
}

// Returns false and sets errno if the last octets could not be written.
bool OutputFile::close_descriptor() {
  const int closed = std::exchange(descriptor_, -1);
  return closed == STDOUT_FILENO || ::close(closed) == 0;
}

void OutputFile::discard() const {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void write_text(const std::string& file, std::string_view text) {
  OutputFile output(file);
  output.write(View(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  output.close();
}

}  // namespace secct::files
