// SPDX-License-Identifier: GPL-2.0-or-later
// The preferences of SecCT in Wireshark: a number for each code point and a code-point profile;
// those for keys are in dissector/keys/keys.hpp.
#pragma once

#include "protocol/tables/codepoints.hpp"

namespace secct::dissector {

void register_preferences();  // when protocols are registered

// The code points according to the current preferences.
const CodePoints& codepoints();

}  // namespace secct::dissector
