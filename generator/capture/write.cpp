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
Octets header_blocks(const std::string& file, const CaptureHeader& header) {
  Octets octets;
  octets.reserve(buffer_octets);
  pcapng::append_section(octets, header.comments);
  for (const auto& [link, comments] : header.interfaces) {
    const auto number = link_number(link);
    if (!number) {
      throw UsageError(fmt::format("{}: pcapng has no number for the link-layer type {}", file,
                                   link_name(link)));
    }
    pcapng::append_interface(octets, *number, comments);
  }
  return octets;
}

CaptureHeader header_of(std::span<const LinkType> links) {
  CaptureHeader header;
  for (const auto link : links) header.interfaces.push_back({link, {}});
  return header;
}

std::vector<LinkType> links_of(const CaptureHeader& header) {
  std::vector<LinkType> links;
  for (const auto& interface : header.interfaces) links.push_back(interface.link);
  return links;
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
    : CaptureWriter(file, header_of(links)) {}

CaptureWriter::CaptureWriter(const std::string& file, const CaptureHeader& header)
    : state_(new State{links_of(header), header_blocks(file, header), OutputFile(file)}) {}

CaptureWriter::~CaptureWriter() = default;

void CaptureWriter::write(std::uint64_t time, View octets, const std::string& comment) {
  write(time, octets, comment, state_->links.front(), 0);
}

void CaptureWriter::write(std::uint64_t time, View octets, const std::string& comment,
                          LinkType link, std::uint32_t wire_octets) {
  write(time, octets, std::span(&comment, 1), link, wire_octets);
}

void CaptureWriter::write(std::uint64_t time, View octets, std::span<const std::string> comments,
                          LinkType link, std::uint32_t wire_octets) {
  const auto interface = std::ranges::find(state_->links, link) - state_->links.begin();
  pcapng::append_packet(
      state_->buffer, {static_cast<std::uint32_t>(interface), time, octets,
                       std::max(wire_octets, static_cast<std::uint32_t>(octets.size())), comments});
  if (state_->buffer.size() >= buffer_octets) state_->flush();
}

void CaptureWriter::close() {
  state_->flush();
  state_->file.close();
}

}  // namespace secct::generator
