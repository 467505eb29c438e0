// SPDX-License-Identifier: GPL-2.0-or-later
// Written here and not by wiretap, which takes more time for a block than building its packet does.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "generator/capture.hpp"
#include "generator/pcapng.hpp"
#include "generator/yaml_reader.hpp"

namespace secct {
namespace {

constexpr std::size_t buffer_octets = std::size_t{1} << 17;

// A new file beside `target`, which it replaces when it is whole; -1 and errno when there can be
// none.
int open_beside(const std::string& target, std::string& name) {
  for (unsigned i = 0; i < 100; ++i) {
    name = fmt::format("{}.{}-{}", target, getpid(), i);
    const int file = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EEXIST) return file;
  }
  return -1;
}

}  // namespace

struct CaptureWriter::State {
  std::string file;    // as the user calls it
  std::string target;  // where it is, links followed
  std::string beside;  // what is written until it is whole; empty for pipes and devices
  std::vector<LinkType> links;
  int descriptor = -1;
  Octets buffer;

  [[noreturn]] void fail(const std::string& text) const {
    throw UsageError(fmt::format("{}: {}", file, text));
  }

  void open() {
    if (file == "-") {
      descriptor = STDOUT_FILENO;
      return;
    }
    std::error_code unknown;
    target = std::filesystem::weakly_canonical(file, unknown).string();
    if (unknown) target = file;
    struct stat existing {};
    const bool exists = stat(target.c_str(), &existing) == 0;
    if (exists && !S_ISREG(existing.st_mode)) {
      descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
      if (descriptor < 0) fail(std::strerror(errno));
      return;
    }
    if (exists && access(target.c_str(), W_OK) != 0) fail(std::strerror(errno));
    descriptor = open_beside(target, beside);
    if (descriptor < 0) fail(std::strerror(errno));
    if (exists) static_cast<void>(fchmod(descriptor, existing.st_mode & 07777));
  }

  void flush() {
    View rest = buffer;
    while (!rest.empty()) {
      const auto written = ::write(descriptor, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(std::strerror(errno));
      rest = rest.subspan(static_cast<std::size_t>(written));
    }
    buffer.clear();
  }

  // False, and errno, when the last octets did not go.
  bool close_file() {
    const int closed = std::exchange(descriptor, -1);
    return closed == STDOUT_FILENO || ::close(closed) == 0;
  }

  void discard() const {
    if (!beside.empty()) unlink(beside.c_str());
  }
};

CaptureWriter::CaptureWriter(const std::string& file, LinkType link)
    : CaptureWriter(file, std::span(&link, 1)) {}

CaptureWriter::CaptureWriter(const std::string& file, std::span<const LinkType> links)
    : state_(std::make_unique<State>()) {
  state_->file = file;
  state_->links.assign(links.begin(), links.end());
  state_->buffer.reserve(buffer_octets);
  pcapng::append_section(state_->buffer);
  for (const auto link : links) {
    const auto number = link_number(link);
    if (!number) state_->fail(fmt::format("no pcapng can hold packets of {}", link_name(link)));
    pcapng::append_interface(state_->buffer, *number);
  }
  state_->open();
}

CaptureWriter::~CaptureWriter() {
  if (state_->descriptor < 0) return;
  static_cast<void>(state_->close_file());
  state_->discard();
}

void CaptureWriter::write(std::uint64_t time, View octets, const std::string& comment) {
  write(time, octets, comment, state_->links.front(), 0);
}

void CaptureWriter::write(std::uint64_t time, View octets, const std::string& comment,
                          LinkType link, std::uint32_t wire_octets) {
  const auto interface = std::ranges::find(state_->links, link) - state_->links.begin();
  pcapng::append_packet(
      state_->buffer, {static_cast<std::uint32_t>(interface), time, octets,
                       std::max(wire_octets, static_cast<std::uint32_t>(octets.size())), comment});
  if (state_->buffer.size() >= buffer_octets) state_->flush();
}

void CaptureWriter::close() {
  if (state_->descriptor < 0) return;
  state_->flush();
  if (!state_->close_file()) {
    const auto* text = std::strerror(errno);
    state_->discard();
    state_->fail(text);
  }
  const auto& beside = state_->beside;
  if (!beside.empty() && std::rename(beside.c_str(), state_->target.c_str()) != 0) {
    const auto* text = std::strerror(errno);
    state_->discard();
    state_->fail(text);
  }
}

}  // namespace secct
