// SPDX-License-Identifier: GPL-2.0-or-later
// Captures of routers and mobile nodes that conform.
#pragma once

#include "tests/conversation/observer.hpp"

namespace secct::conversation {

struct ValidSequence {
  std::string name;
  Capture capture;
  std::vector<std::string> observations = {};  // rules without a clause: "2 retransmission"
  ObserverOptions options = {};
  // If more messages are missing, those that are left may look like messages that break a rule: two
  // attempts like one, or the reply to one request like that to another with the same Identifier.
  std::size_t most_missing = 64;

  friend std::ostream& operator<<(std::ostream& out, const ValidSequence& sequence) {
    return out << sequence.name;
  }
};

std::vector<ValidSequence> valid_sequences();

// Edits for a SecCT-req R3 of the first `count` SAs of mobile node 1.
Edits requests_spis(std::size_t count);
// The token of the SHIN in the last frame, as an edit.
std::string token_edit(const Capture& capture);

}  // namespace secct::conversation
