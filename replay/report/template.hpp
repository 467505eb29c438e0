// SPDX-License-Identifier: GPL-2.0-or-later
// Mustache templates (libkainjow-mustache) filled from JSON. In addition to Mustache, unknown names
// are errors, and {{name}} is escaped for HTML and XML after escape_control_characters().
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "replay/namespace.hpp"

namespace secct::replay {

// Fills `text` with `data`, an object. A section {{#name}} is left out for false, null, "" and [];
// a number is never empty. Throws std::logic_error if the template is malformed or uses a name that
// `data` does not have.
std::string fill(std::string_view text, const nlohmann::ordered_json& data);

}  // namespace secct::replay
