// SPDX-License-Identifier: GPL-2.0-or-later
// The packets of a report in words: who sends what to whom, and which octets say so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "replay/namespace.hpp"
#include "replay/report/report.hpp"

namespace secct::replay {

struct ShownField {
  unsigned depth = 0;
  std::string label;
  std::string name;  // filter name; empty for a group
  std::string value;
  std::size_t offset = 0;  // in ShownPacket::octets
  std::size_t length = 0;
  bool marked = false;  // the field that is wrong
};

struct ShownPacket {
  std::string from;  // addresses
  std::string to;
  std::size_t from_lane = 0;  // of Trace::lanes
  std::size_t to_lane = 0;
  std::string message;  // "SHREP", "ICMPv6 129"
  std::string info;     // the summary line without the message's name
  std::string under;    // "AH 0x00001001", "ESP 0x00002001, no key"
  bool decrypted = false;
  Octets octets;  // the datagram; without ESP where that was opened
  std::vector<ShownField> fields;
  std::size_t mark_offset = 0;  // of the octets that are wrong
  std::size_t mark_length = 0;
};

struct Lane {
  std::string label;                   // "mobile node", "new router", or an address
  std::vector<std::string> addresses;  // all that stand for it
};

struct Trace {
  std::vector<Lane> lanes;
  std::vector<ShownPacket> packets;  // as many as the entry has
};

// The packets of `entry`; those that a violation points to have its field marked.
Trace trace_of(const Report& report, const ReportEntry& entry);

}  // namespace secct::replay
