// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/handover_reports.hpp"

#include <fmt/format.h>

namespace secct::replay {
namespace {

constexpr std::size_t max_violations = 100;  // of a handover
constexpr std::size_t max_packets = 200;     // likewise

}  // namespace

std::optional<std::size_t> HandoverReports::add_packet(std::uint32_t handover, std::uint64_t frame,
                                                       Time time, View datagram) {
  auto& stored = stored_[handover];
  auto& packets = stored.packets;
  if (stored.last_frame != frame) {
    if (packets.size() >= max_packets) return std::nullopt;
    stored.last_frame = frame;
    packets.push_back(
        {time, false, Octets(datagram.begin(), datagram.end()), fmt::format("frame {}", frame)});
  }
  return packets.size() - 1;
}

void HandoverReports::add_violation(std::uint32_t handover, Violation violation) {
  auto& violations = stored_[handover].violations;
  if (violations.size() < max_violations) violations.push_back(std::move(violation));
}

ReportEntry HandoverReports::take(const conversation::EndedHandover& handover) {
  auto stored = std::move(stored_[handover.number]);
  stored_.erase(handover.number);
  ReportEntry entry;
  entry.id = fmt::format("handover-{}", handover.number);
  entry.title =
      fmt::format("Paddr {}{}, from frame {}{}", to_text(handover.paddr),
                  is_unspecified(handover.naddr) ? "" : ", Naddr " + to_text(handover.naddr),
                  handover.first_frame, handover.has_reply ? "" : ", no SHAK");
  entry.group = group_;
  for (const auto& violation : stored.violations) {
    if (violation.verdict == Verdict::fail) entry.verdict = Verdict::fail;
    if (entry.verdict == Verdict::pass) entry.verdict = Verdict::non_strict;
  }
  entry.duration = handover.last - handover.first;
  entry.violations = std::move(stored.violations);
  entry.packets = std::move(stored.packets);
  return entry;
}

}  // namespace secct::replay
