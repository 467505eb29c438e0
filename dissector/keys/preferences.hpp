// SPDX-License-Identifier: GPL-2.0-or-later
// Wireshark's preferences of SecCT: a number for each code point.
#pragma once

#include "protocol/tables/codepoints.hpp"

namespace secct::dissector {

void register_preferences();

// The code points as the preferences have them now.
const CodePoints& codepoints();

}  // namespace secct::dissector
