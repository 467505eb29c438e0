// SPDX-License-Identifier: GPL-2.0-or-later
// The rules for a single message, whichever messages came before: those of
// protocol/tables/rules.def, with the clauses of docs/clauses.yaml that they belong to.
#pragma once

#include <vector>

#include "conversation/relations.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

// Appends a failure to `broken` for each rule that the sender of the message violates. Problems
// that are not its fault (a refusal, an unknown option) are not failures.
void check_message_rules(const DecodedMessage& decoded, std::vector<Failure>& broken);

// The failure that a broken rule of the conversation is.
Failure failure_of(const conversation::Violation& violation);

}  // namespace secct::replay
