// SPDX-License-Identifier: GPL-2.0-or-later
// Any octets as a capture. The first octet says whether keys are known (bit 0). Then packet after
// packet: an octet of time (milliseconds as a power of two), two octets of length, the datagram.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "generator/description/router_description.hpp"
#include "replay/check/check.hpp"

namespace {

using namespace secct;
using namespace secct::replay;

void demand(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 65536;
  if (size == 0 || size > longest) return 0;
  static const RouterDescription description = built_in_description();
  View rest(data + 1, size - 1);

  std::uint64_t breaches = 0;
  std::uint64_t ended = 0;
  std::uint64_t frames = 0;
  CheckOptions options;
  options.description = (data[0] & 1) != 0 ? &description : nullptr;
  options.breach = [&](const Breach& breach) {
    ++breaches;
    demand(breach.frame == frames, "a breach of another frame");
    demand(!breach.failure.clause.empty(), "a breach without a clause");
  };
  options.ended = [&](ReportEntry&& entry) {
    ++ended;
    for (const auto& violation : entry.violations) {
      demand(!violation.packet || *violation.packet < entry.packets.size(), "no such packet");
    }
    demand(entry.violations.empty() == (entry.verdict == Verdict::pass), "verdict");
  };
  Checker checker(options);
  CapturedPacket packet;
  packet.link = LinkType::raw_ip;
  packet.time = 1'000'000'000'000;
  while (rest.size() >= 3) {
    packet.time += std::uint64_t{1'000'000} << (rest[0] & 15U);
    const auto length = std::min<std::size_t>(big_endian(rest.subspan(1, 2)), rest.size() - 3);
    const auto octets = rest.subspan(3, length);
    packet.octets.assign(octets.begin(), octets.end());
    packet.original_length = static_cast<std::uint32_t>(length);
    rest = rest.subspan(3 + length);
    ++frames;
    checker.packet(packet);
  }
  checker.finish();
  const auto& counts = checker.counts();
  demand(counts.frames == frames, "frames");
  demand(counts.handovers == ended, "handovers");
  demand(counts.failures + counts.non_strict == breaches, "breaches");
  return 0;
}
