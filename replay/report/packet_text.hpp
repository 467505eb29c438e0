// SPDX-License-Identifier: GPL-2.0-or-later
// Describes the packets of a report: parties, messages, fields and their octets.
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
  std::string name;  // filter name; empty for a group of fields
  std::string value;
  std::size_t offset = 0;  // in ShownPacket::octets
  std::size_t length = 0;
  bool marked = false;  // a violation refers to this field
};

struct ShownPacket {
  std::string from;  // addresses
  std::string to;
  std::size_t from_lane = 0;  // of Trace::lanes
  std::size_t to_lane = 0;
  std::string message;  // "SHREP", "echo reply"
  std::string info;     // the summary line without the name of the message
  std::string under;    // "AH 0x00001001", "ESP 0x00002001, no key"
  bool decrypted = false;
  Octets octets;  // the datagram, without ESP if it was decrypted
  std::vector<ShownField> fields;
  std::size_t mark_offset = 0;  // of the octets of the marked field
  std::size_t mark_length = 0;
};

struct Lane {
  std::string label;                   // "mobile node", "new router", or an address
  std::vector<std::string> addresses;  // of this party
};

struct Trace {
  std::vector<Lane> lanes;
  std::vector<ShownPacket> packets;  // one for each packet of the entry
};

// Describes the packets of `entry`, which must belong to `report`, and marks the fields of
// violations.
Trace trace_of(const Report& report, const ReportEntry& entry);

}  // namespace secct::replay
