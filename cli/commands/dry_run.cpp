// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands/dry_run.hpp"

#include <fmt/format.h>

#include "network/datagram.hpp"
#include "replay/report/ladder.hpp"

namespace secct::cli {

void print_dry_run(const RouterDescription& description, std::span<const Case> cases,
                   std::span<const CaseResult> results) {
  const auto keys = description.keyring();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    fmt::print("{}  {}\n", cases[i].id, cases[i].title);
    if (results[i].verdict == Verdict::unsupported) {
      fmt::print("  no packets: {}\n", results[i].failure.text);
    }
    const auto& packets = results[i].packets;
    for (const auto& packet : packets) {
      if (packet.from_router) continue;
      const auto datagram = parse_datagram(packet.datagram);
      const auto seconds = static_cast<double>(packet.time - packets.front().time) / 1e9;
      fmt::print("  {:>8.3f} s  {} -> {}  {}\n", seconds,
                 datagram ? to_text(datagram->source) : "?",
                 datagram ? to_text(datagram->destination) : "?",
                 packet_line(description, keys, packet.datagram));
    }
  }
}

}  // namespace secct::cli
