// SPDX-License-Identifier: GPL-2.0-or-later
// The selection of cases (`--select`).
#pragma once

#include <span>
#include <string>

#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {

// True if the case matches one of the patterns, or if there are no patterns. A pattern may contain
// * and ?, and ignores case. It must match the id, a clause, the section, the role or a tag as a
// whole; a text also matches if it is a part of the id (case-sensitive). With a prefix (id:,
// clause:, section:, role:, tag:, title:) the pattern must match this property as a whole. Throws
// UsageError for an unknown prefix.
bool selected(const Case& c, std::span<const std::string> patterns);

}  // namespace secct::replay
