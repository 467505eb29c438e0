// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "generator/handover.hpp"

namespace secct {
namespace {

constexpr std::uint64_t millisecond = 1000000;
constexpr std::uint64_t start = 1767225600000 * millisecond;  // 2026-01-01
constexpr std::uint64_t stagger = 3 * millisecond;  // between the first messages of two handovers

// One message of a scenario: when, who makes it, what it is for and which clause asks for it.
struct Line {
  std::string_view message;
  double after_ms;  // since the line before
  const char* what;
  const char* clause;
};

constexpr Line predictive[] = {
    {"hi", 0, "PR announces the handover and hands over the SAs in a U-SHREP", "RELOC-4-1"},
    {"hack", 4, "NR accepts the handover and acknowledges the contexts", "RELOC-4-4"},
    {"shin-predictive", 60, "MN arrives at the NR and shows the token of the U-SHREP",
     "FRAME-5.2-4"},
    {"shak", 2, "NR tells the MN that its SAs are in place", "RELOC-4-10"},
};
constexpr Line reactive[] = {
    {"shin", 0, "MN asks the NR to fetch its SAs from the PR", "RELOC-4-5"},
    {"shreq", 2, "NR passes the MN's request to the PR", "FRAME-4.3-1"},
    {"shrep", 5, "PR hands over the SAs", "RELOC-4-7"},
    {"shrep-ack", 2, "NR tells the PR that it has every context", "RELOC-4-11"},
    {"shak", 1, "NR tells the MN that its SAs are in place", "RELOC-4-10"},
};

struct Script {
  ScenarioRow row;
  std::span<const Line> lines;
};
constexpr Script scripts[] = {
    {{"predictive", "HI with U-SHREP, HAck, then SHIN and SHAK"}, predictive},
    {{"reactive", "SHIN, SHREQ, SHREP, SHREP-Ack, SHAK"}, reactive},
};

const std::vector<ScenarioRow>& rows() {
  static const auto all = [] {
    std::vector<ScenarioRow> list;
    for (const auto& script : scripts) list.push_back(script.row);
    return list;
  }();
  return all;
}

PacketDocument make(Handover& handover, std::string_view message) {
  // The SHIN of a predictive handover shows Replay 0 (wire-format 6.1).
  if (message == "shin-predictive") return handover.shin(0);
  return *handover.by_name(message);
}

}  // namespace

std::span<const ScenarioRow> scenarios() { return rows(); }

Scenario make_scenario(std::string_view name, const Lab& lab, std::uint32_t handovers,
                       std::uint64_t seed) {
  const auto* script = std::ranges::find_if(
      scripts, [&](const auto& candidate) { return name == candidate.row.name; });
  if (script == std::end(scripts)) {
    std::vector<std::string_view> names;
    for (const auto& row : rows()) names.emplace_back(row.name);
    throw UsageError(fmt::format("{}: no such scenario; there are {}{}", name,
                                 fmt::join(names, ", "), suggestion(name, names)));
  }
  if (handovers == 0 || handovers > lab.mobile_node_count) {
    throw UsageError(fmt::format("{} handovers: the router description has {} mobile nodes",
                                 handovers, lab.mobile_node_count));
  }
  // mt19937_64 and this way of drawing from it are the same on every machine.
  std::mt19937_64 random(seed);
  const auto jitter = [&](double milliseconds) {
    const auto thousandths = 800 + random() % 401;  // 0.8 to 1.2
    return static_cast<std::uint64_t>(milliseconds * millisecond) * thousandths / 1000;
  };
  Counters counters;
  struct Event {
    std::uint64_t time;
    std::uint32_t handover;
    std::size_t line;
  };
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < handovers; ++i) {
    auto time = start + i * stagger;
    for (std::size_t line = 0; line < script->lines.size(); ++line) {
      time += jitter(script->lines[line].after_ms);
      events.push_back({time, i, line});
    }
  }
  // In the order of time, so that sequence numbers rise as they would.
  std::ranges::stable_sort(events, {}, &Event::time);
  std::vector<Handover> all;
  all.reserve(handovers);
  Scenario scenario;
  scenario.keys = lab.keyring();
  for (std::uint32_t i = 0; i < handovers; ++i) {
    const auto identifier = static_cast<std::uint16_t>(random() & 0xffff);
    all.emplace_back(lab, Role::nr, i + 1, identifier, counters);
    const auto own = all.back().keyring();
    scenario.keys.sas.insert(scenario.keys.sas.end(),
                             own.sas.begin() + static_cast<std::ptrdiff_t>(lab.router_sas.size()),
                             own.sas.end());
  }
  for (const auto& event : events) {
    const auto& line = script->lines[event.line];
    auto packet = make(all[event.handover], line.message);
    packet.time = event.time;
    packet.comment = fmt::format("{}, mobile node {}, step {} of {}: {} [{}]", script->row.name,
                                 event.handover + 1, event.line + 1, script->lines.size(),
                                 line.what, line.clause);
    scenario.document.packets.push_back(std::move(packet));
    scenario.mobile_nodes.push_back(event.handover + 1);
  }
  return scenario;
}

}  // namespace secct
