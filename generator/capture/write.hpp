// SPDX-License-Identifier: GPL-2.0-or-later
// Writes pcapng files with timestamps in nanoseconds and comments.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "generator/namespace.hpp"
#include "network/link_type.hpp"
#include "protocol/octets.hpp"

namespace secct::generator {

// A file appears, or replaces an older one, when close() succeeds (OutputFile). "-" is standard
// output. All functions throw UsageError if the file cannot be written.
// The interfaces of a capture file and its comments.
struct CaptureHeader {
  struct Interface {
    LinkType link;
    std::vector<std::string> comments;
  };
  std::vector<Interface> interfaces;
  std::vector<std::string> comments;  // of the section
};

class CaptureWriter {
 public:
  // Also throw UsageError if pcapng has no number for a link-layer type. With several link layers,
  // the pcapng file has one interface for each.
  CaptureWriter(const std::string& file, const CaptureHeader& header);
  CaptureWriter(const std::string& file, LinkType link);
  CaptureWriter(const std::string& file, std::span<const LinkType> links);
  ~CaptureWriter();
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;

  // `time` is nanoseconds since 1970. The comment is omitted if it is empty.
  void write(std::uint64_t time, View octets, const std::string& comment);
  // `link` is one of the link layers of the constructor; `wire_octets` the size of the packet on
  // the wire if it was truncated, otherwise 0.
  void write(std::uint64_t time, View octets, const std::string& comment, LinkType link,
             std::uint32_t wire_octets);
  void write(std::uint64_t time, View octets, std::span<const std::string> comments, LinkType link,
             std::uint32_t wire_octets);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace secct::generator
