// SPDX-License-Identifier: GPL-2.0-or-later
// Capture files through wiretap: reads every format that Wireshark reads, writes pcapng with
// nanoseconds and a comment per packet.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "protocol/octets.hpp"

namespace secct::generator {

struct CapturedPacket {
  std::uint64_t time = 0;  // nanoseconds since 1970
  LinkType link = LinkType::ethernet;
  std::string comment;
  Octets octets;
  std::uint32_t original_length = 0;  // on the wire; larger than octets when the capture cut it
};

// Calls `each` for every packet; it returns false to stop. "-" is standard input. UsageError when
// the file cannot be opened; when it breaks off later the packets before that were delivered and
// the returned text says what is wrong, else it is empty.
std::string read_capture(const std::string& file,
                         const std::function<bool(const CapturedPacket&)>& each);

// The file appears, or replaces an older one, when it is closed: without close() nothing changes.
// "-" is standard output; that and pipes and devices are written at once.
class CaptureWriter {
 public:
  // UsageError when the file cannot be made.
  CaptureWriter(const std::string& file, LinkType link);
  // Several link layers: one interface of the pcapng for each.
  CaptureWriter(const std::string& file, std::span<const LinkType> links);
  ~CaptureWriter();
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;

  void write(std::uint64_t time, View octets, const std::string& comment);
  // `link` is one of those of the constructor; `wire_octets` as in PacketDocument.
  void write(std::uint64_t time, View octets, const std::string& comment, LinkType link,
             std::uint32_t wire_octets);
  void close();  // UsageError when the last octets could not be written

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace secct::generator
