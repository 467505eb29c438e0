// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/unnamed_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "files/yaml_reader.hpp"

namespace secct::files {
namespace {

constexpr std::size_t buffer_octets = 65536;

struct Descriptor {
  int number;
  explicit Descriptor(int open) : number(open) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

[[noreturn]] void fail(const std::string& file) {
  throw UsageError(fmt::format("{}: {}", file, std::strerror(errno)));
}

// The number of octets in `buffer`, 0 at the end of the input, -1 and errno after an error.
template <class Buffer>
ssize_t read_part(int from, Buffer& buffer) {
  for (;;) {
    const auto count = read(from, buffer.data(), buffer.size());
    if (count >= 0 || errno != EINTR) return count;
  }
}

bool write_all(int to, const char* octets, std::size_t count) {
  while (count > 0) {
    const auto written = write(to, octets, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    octets += written;
    count -= static_cast<std::size_t>(written);
  }
  return true;
}

bool is_regular(const std::string& file) {
  struct stat status {};
  return stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

int open_unnamed_file() {
  std::error_code error;
  auto folder = std::filesystem::temp_directory_path(error);
  if (error) folder = "/tmp";
  auto name = (folder / "secct-XXXXXX").string();
  const int file = mkostemp(name.data(), O_CLOEXEC);
  if (file >= 0) unlink(name.c_str());
  return file;
}

RereadableFile::RereadableFile(std::string file)
    : name_(file == "-" ? "standard input" : file), path_(std::move(file)) {
  if (path_ != "-" && is_regular(path_)) return;
  const Descriptor input(path_ == "-" ? dup(STDIN_FILENO)
                                      : open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (input.number < 0) fail(name_);
  Descriptor copy(open_unnamed_file());
  if (copy.number < 0) fail("temporary file");
  std::array<char, buffer_octets> buffer{};
  for (;;) {
    const auto count = read_part(input.number, buffer);
    if (count < 0) fail(name_);
    if (count == 0) break;
    if (!write_all(copy.number, buffer.data(), static_cast<std::size_t>(count))) {
      fail("temporary file");
    }
  }
  copy_ = std::exchange(copy.number, -1);
  path_ = fmt::format("/proc/self/fd/{}", copy_);
}

RereadableFile::~RereadableFile() {
  if (copy_ >= 0) close(copy_);
}

}  // namespace secct::files
