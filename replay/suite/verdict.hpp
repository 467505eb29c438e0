// SPDX-License-Identifier: GPL-2.0-or-later
// Verdicts and results of cases.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/octets.hpp"
#include "protocol/time.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

enum class Verdict : std::uint8_t {
  pass,
  non_strict,
  fail,
  inconclusive,
  setup_fail,
  unsupported,
  tool_error
};
constexpr std::size_t verdict_count = 7;

constexpr std::array<std::string_view, verdict_count> verdict_names{
    "PASS", "NON-STRICT", "FAIL", "INCONCLUSIVE", "SETUP-FAIL", "UNSUPPORTED", "TOOL-ERROR"};
constexpr std::string_view name(Verdict verdict) {
  return verdict_names[static_cast<std::size_t>(verdict)];
}

// What went wrong first.
struct Failure {
  std::string clause;
  std::string field;  // empty when it is not about a field
  std::string expected;
  std::string actual;
  std::string text;  // one sentence

  std::string reason() const;
};

// A packet of a case, as it was on the wire.
struct TracedPacket {
  Time time;
  bool from_router;
  Octets datagram;
  std::string comment;
  std::optional<std::size_t> step = std::nullopt;  // that sent it or expected it
};

// One thing that a step expected of a packet, and what the packet held.
struct Comparison {
  std::size_t step;
  std::string what;  // a field, or the name of a check
  std::string expected;
  std::string actual;
  bool good;
};

struct CaseResult {
  Verdict verdict = Verdict::tool_error;
  Failure failure;
  Time duration = 0;     // of the link's clock
  bool flaky = false;    // passed after it had failed; `failure` tells how
  bool mutated = false;  // the steps that were run are those with the mutation
  std::optional<std::size_t> failed_step;
  std::vector<Comparison> compared;
  std::vector<TracedPacket> packets;
};

}  // namespace secct::replay
