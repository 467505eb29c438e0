// SPDX-License-Identifier: GPL-2.0-or-later
// Shows frames to the conversation engine as a checker does: ESP is decrypted and AH verified with
// the SAs that are known, and messages are decoded as far as they were captured.
#pragma once

#include "conversation/conversation.hpp"
#include "tests/conversation/capture.hpp"

namespace secct::conversation {

struct ObserverOptions {
  bool router_keys = true;  // the SAs between the routers are configured
  bool token_keys = true;
  bool confidential = false;
  bool uses_beginning = true;  // cut messages are decoded by decode_beginning(), else by decode()
  std::size_t max_handovers = 100;
  std::uint64_t hidden = 0;  // bit i: frame i + 1 is under ESP without a key
};

struct ObservedFrame {
  secct::Message message = secct::Message::none;
  Relations relations;
  std::vector<Violation> violations;  // of AH and ESP, of the message, and by later messages
  std::uint64_t response_in = 0;
};

struct Observed {
  std::vector<ObservedFrame> frames;  // [i] is frame i + 1
  std::vector<EndedHandover> ended;
  std::size_t most_open = 0;

  // "3 shrep_naddr" for each broken rule; all rules, or only those with a clause.
  std::vector<std::string> broken() const;
  std::vector<std::string> with_clause() const;
};

Observed observe(const generator::RouterDescription& description,
                 const std::vector<CapturedFrame>& frames, const ObserverOptions& options = {});
inline Observed observe(const Capture& capture, const ObserverOptions& options = {}) {
  return observe(capture.description(), capture.frames(), options);
}

}  // namespace secct::conversation
