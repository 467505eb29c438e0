// SPDX-License-Identifier: GPL-2.0-or-later
// Writes capture files: pcap if the name of the file ends with ".pcap", otherwise pcapng.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "generator/document/capture_header.hpp"
#include "generator/namespace.hpp"
#include "network/link_type.hpp"
#include "protocol/octets.hpp"

namespace secct::generator {

struct CaptureRecord {
  std::uint64_t time = 0;  // nanoseconds since 1970
  View octets;
  std::span<const std::string> comments;
  std::uint32_t interface = 0;               // index in CaptureHeader::interfaces
  std::optional<std::uint32_t> wire_octets;  // size on the wire; default: that of `octets`
};

// A file appears, or replaces an older one, when close() succeeds (OutputFile). "-" is standard
// output. All functions throw UsageError if the file cannot be written, or if its format cannot
// hold a link-layer type, a time or a comment.
class CaptureWriter {
 public:
  // One interface, with timestamps in nanoseconds.
  CaptureWriter(const std::string& file, LinkType link);
  CaptureWriter(const std::string& file, CaptureHeader header);
  ~CaptureWriter();
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;

  // A packet on the first interface. `time` is nanoseconds since 1970. The comment is omitted if
  // it is empty.
  void write(std::uint64_t time, View octets, const std::string& comment);
  void write(const CaptureRecord& record);
  // Reports on standard error what a pcap file could not hold and was left out, such as comments.
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace secct::generator
