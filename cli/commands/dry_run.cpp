// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands/dry_run.hpp"

#include <fmt/format.h>

#include "files/escape.hpp"
#include "replay/report/ladder.hpp"

namespace secct::cli {

void print_dry_run(const RouterDescription& description, std::span<const Case> cases,
                   std::span<const CaseResult> results) {
  const auto keys = description.keyring();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    print_escaped("{}  {}\n", cases[i].id, cases[i].title);
    const auto& result = results[i];
    if (result.verdict == Verdict::unsupported) {
      print_escaped("  no packets: {}\n", result.failure.text);
    } else if (result.verdict != Verdict::pass) {
      print_escaped("  not passed by the reference router: {}: {}\n", name(result.verdict),
                    result.failure.reason());
    }
    const auto trace = trace_of(
        {description.codepoints, keys, role_name(cases[i].role), result.packets, &description});
    for (std::size_t n = 0; n < result.packets.size(); ++n) {
      if (result.packets[n].from_router) continue;
      const auto& packet = trace.packets[n];
      print_escaped("  {:>8.3f} s  {} -> {}  {}\n", packet.seconds, packet.from, packet.to,
                    packet_line(packet));
    }
  }
}

}  // namespace secct::cli
