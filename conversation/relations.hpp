// SPDX-License-Identifier: GPL-2.0-or-later
// What the conversation engine says about one message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conversation/rules.hpp"
#include "protocol/time.hpp"

namespace secct::conversation {

// Requests and their replies.
enum class Pairing : std::uint8_t { hi, shreq, shrep, shin, pshin, registration, count };

enum class Outcome : std::uint8_t { none, begun, completed, failed };

// Of an authentication token; the numbers are those of the field secct.auth.status.
enum class TokenStatus : std::uint8_t { bad, good, unverified, none };

// A broken rule of rules.def.
struct Violation {
  RuleId rule = RuleId::count;
  std::string expected;  // may be empty
  std::string actual;
};

struct Relations {
  std::uint32_t handover = 0;           // number from 1, 0 = belongs to none
  bool begins = false;                  // the first message of its handover
  bool wants_reply = false;             // a request
  Pairing answers = Pairing::count;     // the kind of request that it answers
  std::uint64_t response_to = 0;        // frame of that request, 0 = none
  Time response_time = 0;               // since that request
  std::uint64_t retransmission_of = 0;  // frame, 0 = none
  std::uint64_t copy_of = 0;            // frame of the same packet, captured twice
  bool has_hidden_packets = false;      // ESP between its addresses could not be decrypted
  std::optional<Time> handover_time;    // since the first message of the handover
  TokenStatus token = TokenStatus::none;
  Outcome outcome = Outcome::none;
  std::vector<Violation> violations;

  void add(RuleId rule, std::string expected = {}, std::string actual = {}) {
    violations.push_back({rule, std::move(expected), std::move(actual)});
  }
  void clear();
};

// The observation for a request without a reply when the capture has ended; RuleId::count if there
// is none. `has_reply`: Events::responded() was called for it.
inline RuleId missing_reply(const Relations& request, bool has_reply) {
  if (!request.wants_reply || has_reply) return RuleId::count;
  return request.has_hidden_packets ? RuleId::reply_hidden : RuleId::reply_missing;
}

}  // namespace secct::conversation
