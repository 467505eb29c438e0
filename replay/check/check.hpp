// SPDX-License-Identifier: GPL-2.0-or-later
// Checks an existing capture against the rules of the suite: each message by itself
// (message_rules.hpp), each exchange of a handover (conversation.def), and the AH and ESP headers
// of all packets. Missing packets are tolerated; truncated packets and packets without a key are
// counted.
//
//   CheckOptions options;
//   options.on_violation = [](const RuleViolation& violation) { print(violation); };
//   Checker checker(options);
//   while (read(packet)) checker.packet(packet);
//   checker.finish();
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "generator/capture/read.hpp"
#include "replay/namespace.hpp"
#include "replay/report/report.hpp"

namespace secct::replay {

// A rule that a packet of the capture violates.
struct RuleViolation {
  std::uint64_t frame = 0;     // number in the capture, from 1
  std::uint64_t handover = 0;  // number in the capture, from 1; 0: none
  std::string message;         // "SHREP"; "ESP" or "IPsec" if the packet has no readable message
  Failure failure;
  Verdict verdict = Verdict::fail;  // or non_strict
};

struct CheckOptions {
  CodePoints codepoints;
  // Keys and policies of the routers; nullptr: only keys that the capture itself transfers. Must
  // outlive the checker.
  const RouterDescription* description = nullptr;
  double timing_scale = 1;  // multiplies the routers' timers
  std::string group;        // of the report entries: the name of the capture
  // Called for each violation, in the order of the frames; may be empty.
  std::function<void(const RuleViolation&)> on_violation;
  // Called for each handover when it has ended, with its packets. If empty, no packets are stored.
  std::function<void(ReportEntry&&)> on_handover;
};

struct CheckCounts {
  std::uint64_t frames = 0;
  std::uint64_t messages = 0;  // SecCT messages
  std::uint64_t handovers = 0;
  std::uint64_t incomplete = 0;   // handovers without SHAK or Registration Reply
  std::uint64_t undecrypted = 0;  // packets under ESP without a key
  std::uint64_t unreadable = 0;   // frames of unsupported link types, truncated packets
  std::uint64_t fragments = 0;    // of datagrams that could not be reassembled
  std::uint64_t duplicates = 0;   // packets captured twice (same AH or ESP sequence number and ICV)
  std::uint64_t failures = 0;     // violations that are binding
  std::uint64_t non_strict = 0;   // violations that are not
  std::size_t max_open = 0;       // largest number of handovers tracked at the same time
};

class Checker {
 public:
  explicit Checker(CheckOptions options);
  ~Checker();
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  // Packets must be in the order of the capture; their times may go back.
  void packet(const CapturedPacket& packet);
  // Ends all handovers; to be called once, after the last packet.
  void finish();
  const CheckCounts& counts() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The clauses that a check can find violated, for the coverage of the report.
std::vector<std::string> checked_clauses();

}  // namespace secct::replay
