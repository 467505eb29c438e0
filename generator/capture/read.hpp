// SPDX-License-Identifier: GPL-2.0-or-later
// Reads capture files of all formats that Wireshark reads, compressed ones included, with wiretap.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "generator/document/capture_header.hpp"
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
  std::uint32_t interface = 0;        // index in CaptureHeader::interfaces of the file

  std::string first_comment() const { return comments.empty() ? std::string() : comments.front(); }
};

// What a capture file contains besides its packets.
struct CaptureContents {
  CaptureHeader header;
  // Whether `header` has the interface of each packet: not if the format of the file has none.
  bool has_interfaces = true;
  // What `header` and the packets do not have, as text: "1 decryption secrets block".
  std::vector<std::string> left_out;
  // The comments of the blocks in `left_out`.
  std::vector<std::string> other_comments;
};

struct ReadOptions {
  std::string name;                     // of the file in messages; default: the file
  CaptureContents* contents = nullptr;  // is filled if it is not nullptr
};

// Calls `each` for each packet of `file` ("-" is standard input) until it returns false. The packet
// is valid until the next call. Returns an empty string, or the error if the file ends within a
// packet, is corrupt there, or has a time outside the years 1970 to 2554; `each` has received the
// packets before that. Throws UsageError if the file cannot be opened, is not a capture file, or is
// empty.
std::string read_capture(const std::string& file,
                         const std::function<bool(const CapturedPacket&)>& each,
                         const ReadOptions& options = {});

}  // namespace secct::generator
