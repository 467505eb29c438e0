// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/ladder.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "files/escape.hpp"

namespace secct::replay {
namespace {

constexpr std::size_t time_width = 11;
constexpr std::size_t min_lane_width = 18;

std::string arrow(const Trace& trace, const ShownPacket& packet, std::size_t lane_width) {
  std::string line((trace.lanes.size() - 1) * lane_width + 1, ' ');
  for (std::size_t at = 0; at < line.size(); at += lane_width) line[at] = '|';
  if (packet.from_lane == packet.to_lane) return line;
  const auto from = packet.from_lane * lane_width;
  const auto to = packet.to_lane * lane_width;
  const auto first = std::min(from, to);
  const auto last = std::max(from, to);
  for (auto i = first + 1; i < last; ++i) line[i] = '-';
  line[from < to ? last - 1 : first + 1] = from < to ? '>' : '<';
  return line;
}

std::string without_trailing_spaces(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

std::string packet_line(const ShownPacket& packet) {
  std::string line;
  for (const auto& header : packet.ipsec) {
    line += fmt::format("{} 0x{:x}/{}", header.protocol == IpsecProtocol::ah ? "AH" : "ESP",
                        header.spi, header.sequence);
    if (!header.note.empty()) line += fmt::format(" ({})", header.note);
    line += "  ";
  }
  line += packet.message;
  return packet.info.empty() ? line : line + "  " + packet.info;
}

std::string ladder_text(const Trace& trace, std::span<const TracedPacket> packets) {
  if (trace.lanes.empty()) return {};
  auto lane_width = min_lane_width;
  for (const auto& lane : trace.lanes) lane_width = std::max(lane_width, lane.label.size() + 2);
  std::string labels(time_width, ' ');
  auto notes = labels;
  for (const auto& lane : trace.lanes) {
    labels += format_escaped("{:<{}}", lane.label, lane_width);
    notes += fmt::format("{:<{}}", lane.under_test ? "(under test)" : "", lane_width);
  }
  auto text = without_trailing_spaces(std::move(labels)) + '\n';
  notes = without_trailing_spaces(std::move(notes));
  if (!notes.empty()) text += notes + '\n';
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const auto& packet = trace.packets[i];
    text += format_escaped("{:>{}.3f} s {}   {}\n", packet.seconds, time_width - 3,
                           arrow(trace, packet, lane_width), packet_line(packet));
    const auto& comment = packets[i].comment;
    const auto more = comment.find("; ");
    if (more == std::string::npos) continue;
    text += format_escaped("{:{}}{}\n", "", time_width, comment.substr(more + 2));
  }
  return text;
}

}  // namespace secct::replay
