// SPDX-License-Identifier: GPL-2.0-or-later
// The rows of a ladder diagram: parties, messages, fields and octets of packets. The diagram as
// text (ladder.hpp), the one in report.html (ladder_diagram.hpp) and all lists of packets show
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
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
  bool secret = false;  // a key; `value` does not contain it
};

struct ShownIpsec {
  IpsecProtocol protocol;
  std::uint32_t spi;
  std::uint32_t sequence;
  std::string note;  // "wrong ICV", "no key"; empty if the header was verified
};

struct ShownPacket {
  double seconds = 0;  // since the first packet
  std::string from;    // addresses; empty if the packet is not an IP datagram
  std::string to;
  std::size_t from_lane = 0;  // of Trace::lanes
  std::size_t to_lane = 0;
  std::string message;            // "SHREP", "echo reply"
  std::string info;               // the summary line without the name of the message
  std::vector<ShownIpsec> ipsec;  // AH and ESP headers, outermost first
  bool decrypted = false;
  Octets octets;  // the datagram, without ESP if it was decrypted; includes keys
  // The octets from here to the end belong to a fragment, and may contain a part of a key.
  std::optional<std::size_t> fragment_offset;
  std::vector<ShownField> fields;
  std::size_t mark_offset = 0;  // of the octets of the marked field
  std::size_t mark_length = 0;
};

struct Lane {
  std::string label;                   // "mobile node", "new router", or an address
  std::vector<std::string> addresses;  // of this party
  bool under_test = false;
};

struct Trace {
  std::vector<Lane> lanes;
  std::vector<ShownPacket> packets;  // one for each packet, in the same order
};

// The packets of one handover.
struct TraceInput {
  const CodePoints& codepoints;
  const Keyring& keys;    // decrypt the packets, in addition to the contexts that they transfer
  std::string_view role;  // of the router under test; empty: there is none
  std::span<const TracedPacket> packets;
  // Names the parties that no message names; may be nullptr.
  const RouterDescription* description = nullptr;
};
Trace trace_of(const TraceInput& input);

// Describes the packets of `entry`, which must belong to `report`, and marks the fields of
// violations.
Trace trace_of(const Report& report, const ReportEntry& entry);

// Whether the octet at `offset` of packet.octets may belong to a key.
bool is_secret(const ShownPacket& packet, std::size_t offset);

// "AH 0x00001001, ESP 0x00002001, no key"
std::string protection_text(const ShownPacket& packet);

}  // namespace secct::replay
