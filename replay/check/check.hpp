// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of the suite applied to a capture that was made elsewhere: finds the handovers, judges
// every packet alone (lint.hpp) and every exchange (conversation.def).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "generator/capture/capture.hpp"
#include "replay/namespace.hpp"
#include "replay/report/report.hpp"

namespace secct::replay {

// A rule that a packet of the capture breaks.
struct Breach {
  std::uint64_t frame = 0;     // number in the capture, from 1
  std::uint64_t handover = 0;  // from 1, 0 = belongs to none
  std::string message;         // "SHREP"
  Failure failure;
  Verdict verdict = Verdict::fail;  // or non_strict
};

struct CheckOptions {
  CodePoints codepoints;
  const RouterDescription* description = nullptr;  // keys and policies; must outlive the check
  double timing_scale = 1;                         // the routers' timers are that much longer
  std::string group;                               // of the report's entries: the capture's name
  std::function<void(const Breach&)> breach;
  // Called for each handover when it has ended, with its packets; only where wanted.
  std::function<void(ReportEntry&&)> ended;
};

struct CheckCounts {
  std::uint64_t frames = 0;
  std::uint64_t messages = 0;  // SecCT
  std::uint64_t handovers = 0;
  std::uint64_t incomplete = 0;  // handovers without SHAK or Registration Reply
  std::uint64_t closed = 0;      // packets under ESP that no key opened
  std::uint64_t unread = 0;      // link layers that are not read, packets that are cut short
  std::uint64_t fragments = 0;   // that did not become whole datagrams: not judged
  std::uint64_t copies = 0;      // the same packet again, AH and ESP numbers included
  std::uint64_t failures = 0;    // breaches by verdict
  std::uint64_t non_strict = 0;
  std::size_t most_open = 0;  // handovers at once
};

class Checker {
 public:
  explicit Checker(CheckOptions options);
  ~Checker();
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  void packet(const CapturedPacket& packet);
  void finish();  // the capture ends
  const CheckCounts& counts() const;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

// The clauses that a check holds messages against.
std::vector<std::string> checked_clauses();

}  // namespace secct::replay
