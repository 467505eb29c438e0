// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/write.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "files/output_file.hpp"
#include "files/yaml_reader.hpp"
#include "generator/capture/pcapng.hpp"
#include "generator/document/link_names.hpp"

namespace secct::generator {
namespace {

constexpr std::size_t buffer_octets = std::size_t{1} << 17;

// The blocks before the packets.
Octets header_blocks(const std::string& file, std::span<const LinkType> links) {
  Octets octets;
  octets.reserve(buffer_octets);
  pcapng::append_section(octets);
  for (const auto link : links) {
    const auto number = link_number(link);
    if (!number) {
      throw UsageError(fmt::format("{}: pcapng has no number for the link-layer type {}", file,
                                   link_name(link)));
    }
    pcapng::append_interface(octets, *number);
  }
  return octets;
}

}  // namespace

struct CaptureWriter::State {
  std::vector<LinkType> links;
  Octets buffer;
  OutputFile file;

  void flush() {
    file.write(buffer);
    buffer.clear();
  }
};

CaptureWriter::CaptureWriter(const std::string& file, LinkType link)
    : CaptureWriter(file, std::span(&link, 1)) {}

CaptureWriter::CaptureWriter(const std::string& file, std::span<const LinkType> links)
    : state_(
          new State{{links.begin(), links.end()}, header_blocks(file, links), OutputFile(file)}) {}

CaptureWriter::~CaptureWriter() = default;

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
  state_->flush();
  state_->file.close();
}

}  // namespace secct::generator
