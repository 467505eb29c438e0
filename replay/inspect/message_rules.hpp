// SPDX-License-Identifier: GPL-2.0-or-later
// What every packet must keep, whoever sends it and in whatever conversation: the rules of
// protocol/tables/rules.def as clauses of the ledger.
#pragma once

#include <vector>

#include "protocol/decode/decoded_message.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

// Appends a failure for each rule that the message on `decoded` breaks. Rules that only tell what
// happened (a refusal, an unknown option to skip) are no failures.
void check_message_rules(const DecodedMessage& decoded, std::vector<Failure>& broken);

}  // namespace secct::replay
