// SPDX-License-Identifier: GPL-2.0-or-later
// The JSON schema of suite files, for editors.
#pragma once

#include <string>

#include "replay/namespace.hpp"

namespace secct::replay {

// JSON Schema, draft 2020-12, made from the tables that the reader of suite files uses.
std::string suite_schema();

}  // namespace secct::replay
