// SPDX-License-Identifier: GPL-2.0-or-later
// Reads capture files of all formats that Wireshark reads, compressed ones included, with wiretap.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "generator/namespace.hpp"
#include "network/link_type.hpp"
#include "protocol/octets.hpp"

namespace secct::generator {

struct CapturedPacket {
  std::uint64_t time = 0;  // nanoseconds since 1970
  LinkType link = LinkType::ethernet;
  std::string comment;                // the first one
  Octets octets;                      // as captured, with the link layer
  std::uint32_t original_length = 0;  // octets on the wire; more than in `octets` if truncated
};

// Calls `each` for each packet of `file` ("-" is standard input) until it returns false. The packet
// is valid until the next call. Returns an empty string, or the error if the file ends within a
// packet or is corrupt there; `each` has received the packets before that. Throws UsageError if the
// file cannot be opened, is not a capture file, or is empty.
std::string read_capture(const std::string& file,
                         const std::function<bool(const CapturedPacket&)>& each);

}  // namespace secct::generator
