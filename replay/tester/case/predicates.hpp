// SPDX-License-Identifier: GPL-2.0-or-later
// Predicates: what `check` of an expect step can require of a message
// (replay/suite/predicates.def).
#pragma once

#include <optional>
#include <string_view>

#include "replay/inspect/received_packet.hpp"
#include "replay/namespace.hpp"
#include "replay/tester/case/case_variables.hpp"

namespace secct::replay {

// std::nullopt if `packet`, which contains a datagram, satisfies the predicate with this name.
std::optional<Failure> run_predicate(std::string_view name, const ReceivedPacket& packet,
                                     const VariableContext& variables);

}  // namespace secct::replay
