// SPDX-License-Identifier: GPL-2.0-or-later
// A small Mustache: a text with holes, filled from JSON. {{name}} is escaped for HTML and XML,
// {{&name}} is not, {{#name}}...{{/name}} stands once for each entry of a list (or once for an
// object or a true value), {{^name}}...{{/name}} where there is none. Names are looked up from the
// inside out; {{.}} is the entry itself.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "replay/namespace.hpp"

namespace secct::replay {

// std::logic_error when the template is wrong: an unknown name, a section that is not closed.
std::string fill(std::string_view text, const nlohmann::ordered_json& data);

}  // namespace secct::replay
