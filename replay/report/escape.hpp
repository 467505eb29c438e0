// SPDX-License-Identifier: GPL-2.0-or-later
// Text from the wire made harmless for terminals, XML and HTML.
#pragma once

#include <string>
#include <string_view>

#include "replay/namespace.hpp"

namespace secct::replay {

// UTF-8 without what could move a cursor, end a document or turn the writing direction: control
// characters, octets that are no UTF-8, bidirectional controls and non-characters are spelt out
// (\x1b, \u202e). Line feeds are kept where `lines` says so.
std::string escape_control_characters(std::string_view text, bool lines = false);

}  // namespace secct::replay
