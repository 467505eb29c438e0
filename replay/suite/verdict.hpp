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

// The first difference between expected and actual behaviour. All members but `text` may be empty.
struct Failure {
  std::string clause;  // of docs/clauses.yaml
  std::string field;   // "secct.status"
  std::string expected;
  std::string actual;
  std::string text;  // the defect: "wrong value"

  // The failure in one line: "secct.status: wrong value: expected 105, found 200".
  std::string reason() const;
};

// A packet that the tester sent or received.
struct TracedPacket {
  Time time;
  bool from_router;
  Octets datagram;  // from the IP header on
  std::string comment;
  std::optional<std::size_t> step = std::nullopt;  // the step that sent or expected it
};

// A value that a step expected in a packet, and the value that the packet had.
struct Comparison {
  std::size_t step;
  std::string what;  // the name of a field or predicate, "contexts", or "under"
  std::string expected;
  std::string actual;
  bool good;
};

struct CaseResult {
  Verdict verdict = Verdict::tool_error;
  Failure failure;
  Time duration = 0;     // in the time of the link
  bool flaky = false;    // the case passed after a failed attempt, whose failure is `failure`
  bool mutated = false;  // the steps are those of the case with its mutation (steps_of())
  std::optional<std::size_t> failed_step;
  std::vector<Comparison> compared;
  std::vector<TracedPacket> packets;
};

}  // namespace secct::replay
