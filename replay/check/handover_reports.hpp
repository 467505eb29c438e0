// SPDX-License-Identifier: GPL-2.0-or-later
// Stores the packets and violations of the handovers of a capture, until they end and become
// entries of the report.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "conversation/conversation.hpp"
#include "replay/namespace.hpp"
#include "replay/report/report.hpp"

namespace secct::replay {

class HandoverReports {
 public:
  // `group` is that of the entries.
  explicit HandoverReports(std::string group) : group_(std::move(group)) {}

  // Returns the index of the packet in the entry, which is also that of the previous packet of this
  // handover if both are of the same frame; std::nullopt if the entry has too many packets.
  std::optional<std::size_t> add_packet(std::uint32_t handover, std::uint64_t frame, Time time,
                                        View datagram);
  // Discards violations beyond a maximum. `violation.packet` is a result of add_packet().
  void add_violation(std::uint32_t handover, Violation violation);

  // The entry of a handover, which is then forgotten.
  ReportEntry take(const conversation::EndedHandover& handover);

 private:
  struct Stored {
    std::uint64_t last_frame = 0;
    std::vector<Violation> violations;
    std::vector<TracedPacket> packets;
  };

  std::string group_;
  std::map<std::uint32_t, Stored> stored_;  // by the number of the handover
};

}  // namespace secct::replay
