// SPDX-License-Identifier: GPL-2.0-or-later
// Checks an existing capture against the rules of the suite: each message by itself
// (message_rules.hpp), each exchange of a handover (conversation/), and the AH and ESP headers of
// all packets. Only what was captured counts: missing and truncated packets, and packets without a
// key, are never violations; they are counted.
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
#include <string_view>
#include <vector>

#include "conversation/conversation.hpp"
#include "generator/capture/read.hpp"
#include "network/frame_walker.hpp"
#include "replay/namespace.hpp"
#include "replay/report/report.hpp"

namespace secct::replay {

// A rule that a packet of the capture violates.
struct RuleViolation {
  std::uint64_t frame = 0;     // CapturedPacket::number
  std::uint64_t handover = 0;  // number in the capture, from 1; 0: none
  std::string message;         // "SHREP"; "ESP" or "IPsec" if the packet has no readable message
  Failure failure;
  Verdict verdict = Verdict::fail;  // or non_strict
};

// What the check found out about a message, or about the AH and ESP headers of a packet without
// one. A frame may have several; numbers are 0 if there is no such frame or handover.
struct MessageFindings {
  std::uint64_t frame = 0;
  std::string_view message;  // "SHREP"; empty if there is none
  std::uint64_t handover = 0;
  std::uint64_t response_to = 0;        // frame of the request
  std::uint64_t retransmission_of = 0;  // frame
  std::uint64_t copy_of = 0;            // frame of the same packet, captured twice
  // The broken rules, also those for which no sender is blamed: names of protocol/tables/rules.def
  // and filters of conversation/rules.def.
  std::vector<std::string_view> rules;
};

struct CheckOptions {
  CodePoints codepoints;
  // Keys and policies of the routers; nullptr: only keys that the capture itself transfers. Must
  // outlive the checker.
  const RouterDescription* description = nullptr;
  double timing_scale = 1;  // multiplies the routers' timers
  // Handovers, and handovers whose SAs are remembered, at least 1.
  std::size_t max_handovers = conversation::Options{}.max_handovers;
  std::string group;  // of the report entries: the name of the capture
  // Called for each violation. In the order of the frames, unless a later frame shows that an
  // earlier message violates a rule. These functions may be empty.
  std::function<void(const RuleViolation&)> on_violation;
  // Called for each SecCT message, for each packet whose AH or ESP headers break a rule, and again
  // for a message if a later frame shows that it breaks one more.
  std::function<void(const MessageFindings&)> on_message;
  // Called for each handover when it has ended, with its packets. If empty, no packets are stored.
  std::function<void(ReportEntry&&)> on_handover;
};

// Frames that cannot be read to their end, for one reason.
struct UnreadCount {
  Stop::Reason reason;
  std::uint64_t frames = 0;            // number of frames
  std::uint64_t first = 0;             // number of the first one
  std::vector<std::uint32_t> numbers;  // the different values of Stop::number, at most 4
};

struct CheckCounts {
  std::uint64_t frames = 0;
  std::uint64_t messages = 0;  // SecCT messages
  std::uint64_t handovers = 0;
  std::uint64_t incomplete = 0;   // handovers without SHAK or Registration Reply
  std::uint64_t undecrypted = 0;  // packets under ESP that no key decrypts
  std::uint64_t fragments = 0;    // of datagrams that could not be reassembled
  std::uint64_t duplicates = 0;   // packets captured twice
  std::uint64_t failures = 0;     // violations that are binding
  std::uint64_t non_strict = 0;   // violations that are not
  std::size_t max_open = 0;       // largest number of handovers tracked at the same time
  std::vector<UnreadCount> unread;
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
