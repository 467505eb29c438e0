// SPDX-License-Identifier: GPL-2.0-or-later
// Which clause of docs/clauses.yaml the sender of a message violates (the column `clause` of
// rules.def).
#pragma once

#include "protocol/decode/decoded_message.hpp"

namespace secct {

// The clause that the sender of `decoded` violates by `problem`, one of its problems; "" if the
// sender did nothing wrong.
const char* violated_clause(const DecodedMessage& decoded, const Problem& problem);

}  // namespace secct
