// SPDX-License-Identifier: GPL-2.0-or-later
// Which cases are meant: `--select`.
#pragma once

#include <span>
#include <string>

#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {

// True when the case fits one of the patterns, or there is none. A pattern is a glob (* and ?), or
// a text that is a part of the id. With a prefix it is compared with one thing only, as a whole:
// id:, clause:, section:, role:, tag:, title:. Without, with the id, the clauses, the section, the
// role and the tags. UsageError for an unknown prefix.
bool selected(const Case& c, std::span<const std::string> patterns);

}  // namespace secct::replay
