// SPDX-License-Identifier: GPL-2.0-or-later
// What a case can ask of a message beyond the values of single fields: one row per check.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "generator/handover.hpp"
#include "replay/observed.hpp"

namespace secct {

// What a check may look at besides the message itself.
struct CheckContext {
  const Handover& handover;
  View sent_shin;  // the SHIN's destination option as it was sent, or empty
};

std::vector<std::string_view> check_names();

// Nothing when `seen` keeps the rule.
std::optional<Failure> run_check(std::string_view name, const Observed& seen,
                                 const CheckContext& context);

}  // namespace secct
