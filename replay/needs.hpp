// SPDX-License-Identifier: GPL-2.0-or-later
// What a case needs of a router description, and descriptions that are made to have it.
#pragma once

#include <optional>
#include <string>

#include "replay/suite.hpp"

namespace secct {

// The capabilities that the case needs and the description does not declare.
std::vector<std::string> undeclared(const Needs& needs, const Lab& lab);
// Why the case cannot be run against this router, apart from capabilities: another policy, no SA
// like the one it needs. Nothing when it can.
std::optional<std::string> lacking(const Needs& needs, const Lab& lab, Role role);

// True when the same embedded router serves both.
bool same_router(const Needs& a, const Needs& b, Role role);
// The description of an embedded router that has what the case needs.
Lab router_with(const Needs& needs, const Lab& lab, Role role);
// True when the tester plays the case's mobile node with SAs that the description does not give.
bool chooses_sas(const Needs& needs, Role role);

}  // namespace secct
