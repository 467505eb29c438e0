// SPDX-License-Identifier: GPL-2.0-or-later
// Checks any octets as a capture. Bit 0 of the first octet selects whether there are keys. Then
// follow packets: time since the previous one (an octet, logarithm of milliseconds), length (two
// octets), datagram.
#include "generator/description/router_description.hpp"
#include "replay/check/check.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::replay;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 65536;
  if (size == 0 || size > longest) return 0;
  static const RouterDescription description = built_in_description();
  View rest(data + 1, size - 1);

  std::uint64_t violations = 0;
  std::uint64_t ended = 0;
  std::uint64_t frames = 0;
  CheckOptions options;
  options.description = (data[0] & 1) != 0 ? &description : nullptr;
  options.on_violation = [&](const RuleViolation& violation) {
    ++violations;
    require(violation.frame > 0 && violation.frame <= frames, "a violation of no frame");
    require(!violation.failure.clause.empty(), "a violation without a clause");
  };
  options.on_handover = [&](ReportEntry&& entry) {
    ++ended;
    for (const auto& violation : entry.violations) {
      require(!violation.packet || *violation.packet < entry.packets.size(), "no such packet");
    }
    require(entry.violations.empty() == (entry.verdict == Verdict::pass), "verdict");
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
    packet.number = ++frames;
    checker.packet(packet);
  }
  checker.finish();
  const auto& counts = checker.counts();
  require(counts.frames == frames, "frames");
  require(counts.handovers == ended, "handovers");
  require(counts.failures + counts.non_strict == violations, "violations");
  return 0;
}
