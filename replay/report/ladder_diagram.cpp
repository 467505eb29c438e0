// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/ladder_diagram.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace secct::replay {
namespace {

using Json = nlohmann::ordered_json;

// In pixels, before scaling.
constexpr int lane_gap = 220;
constexpr int margin = 115;
constexpr int first_arrow = 62;
constexpr int arrow_gap = 44;
constexpr int head_length = 9;
constexpr int head_half = 5;
constexpr int loop = 30;  // width of the arrow from a lane to itself

constexpr std::size_t max_packets = 200;  // in the diagram; the capture has all of them

int x_of(std::size_t lane) { return margin + static_cast<int>(lane) * lane_gap; }

Json arrow(const ShownPacket& packet, int y, bool wrong) {
  const auto from = x_of(packet.from_lane);
  const auto to = x_of(packet.to_lane);
  Json row;
  row["class"] = wrong ? "wrong" : "fine";
  if (packet.from_lane == packet.to_lane) {
    row["path"] = fmt::format("M{} {}h{}v{}h-{}", from, y - 6, loop, 12, loop - head_length);
    row["head"] =
        fmt::format("M{} {}l{} {}v{}z", from, y + 6, head_length, -head_half, 2 * head_half);
    row["x"] = from + loop + 60;
  } else {
    const int way = to > from ? 1 : -1;
    row["path"] = fmt::format("M{} {}H{}", from, y, to - way * head_length);
    row["head"] =
        fmt::format("M{} {}l{} {}v{}z", to, y, -way * head_length, -head_half, 2 * head_half);
    row["x"] = (from + to) / 2;
  }
  row["above"] = y - 6;
  row["below"] = y + 14;
  row["label"] = (wrong ? "✗ " : "") + packet.message;
  const auto protection = protection_text(packet);
  row["detail"] =
      fmt::format("{:.3f} s{}{}", packet.seconds, protection.empty() ? "" : ", ", protection);
  return row;
}

}  // namespace

Json ladder_diagram(const Trace& trace, const std::vector<bool>& wrong) {
  if (trace.packets.empty() || trace.lanes.empty()) return nullptr;
  const auto rows = std::min(trace.packets.size(), max_packets);
  const int bottom = first_arrow + arrow_gap * static_cast<int>(rows) - 12;
  auto lanes = Json::array();
  for (std::size_t i = 0; i < trace.lanes.size(); ++i) {
    const auto& lane = trace.lanes[i];
    lanes.push_back({{"x", x_of(i)},
                     {"bottom", bottom},
                     {"label", lane.label + (lane.under_test ? " (under test)" : "")},
                     {"address", lane.label == lane.addresses.front()
                                     ? ""
                                     : fmt::format("{}", fmt::join(lane.addresses, ", "))}});
  }
  auto arrows = Json::array();
  int y = first_arrow;
  for (std::size_t i = 0; i < rows; ++i, y += arrow_gap) {
    if (trace.packets[i].from.empty()) continue;
    arrows.push_back(arrow(trace.packets[i], y, wrong[i]));
  }
  return {{"width", 2 * margin + static_cast<int>(trace.lanes.size() - 1) * lane_gap},
          {"height", bottom + 4},
          {"lanes", std::move(lanes)},
          {"arrows", std::move(arrows)}};
}

}  // namespace secct::replay
