// SPDX-License-Identifier: GPL-2.0-or-later
// Reads capture files of all formats that Wireshark reads, compressed ones included, with wiretap.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "generator/namespace.hpp"
#include "network/link_type.hpp"
#include "protocol/octets.hpp"

namespace secct::generator {

struct CapturedPacket {
  // The frame number of Wireshark, from 1. Records without a packet have frame numbers too: journal
  // entries, custom blocks, events.
  std::uint64_t number = 0;
  std::uint64_t time = 0;  // nanoseconds since 1970
  LinkType link = LinkType::ethernet;
  std::vector<std::string> comments;
  Octets octets;                      // as captured, with the link layer
  std::uint32_t original_length = 0;  // octets on the wire; more than in `octets` if truncated

  std::string first_comment() const { return comments.empty() ? std::string() : comments.front(); }
};

// What a capture file has besides packets.
struct CaptureBlocks {
  struct Interface {
    LinkType link;
    std::vector<std::string> comments;
  };
  std::vector<Interface> interfaces;
  std::vector<std::string> comments;  // of all blocks except packets and interfaces
  std::uint64_t records = 0;          // frames that are not packets; see CapturedPacket::number
};

// Calls `each` for each packet of `file` ("-" is standard input) until it returns false. The packet
// is valid until the next call. Returns an empty string, or the error if the file ends within a
// packet or is corrupt there; `each` has received the packets before that. `blocks`, if not
// nullptr, is set at the end. Throws UsageError if the file cannot be opened, is not a capture
// file, or is empty.
std::string read_capture(const std::string& file,
                         const std::function<bool(const CapturedPacket&)>& each,
                         CaptureBlocks* blocks = nullptr);

}  // namespace secct::generator
