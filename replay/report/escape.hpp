// SPDX-License-Identifier: GPL-2.0-or-later
// Makes text from the wire harmless for terminals, XML and HTML.
#pragma once

#include <string>
#include <string_view>

#include "replay/namespace.hpp"

namespace secct::replay {

// Replaces control characters, octets that are not UTF-8, bidirectional controls and non-characters
// by their codes (\x1b, \u202e), because they could move the cursor, change the writing direction
// or make a document invalid. Returns valid UTF-8. `lines`: keep line feeds.
std::string escape_control_characters(std::string_view text, bool lines = false);

}  // namespace secct::replay
