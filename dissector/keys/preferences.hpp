// SPDX-License-Identifier: GPL-2.0-or-later
// The preferences of SecCT in Wireshark: a number for each code point, a code-point profile and the
// bound of memory; those for keys are in dissector/keys/keys.hpp.
#pragma once

#include <cstddef>

#include "protocol/tables/codepoints.hpp"

namespace secct::dissector {

void register_preferences();  // when protocols are registered

// The code points according to the current preferences.
const CodePoints& codepoints();

// How many handovers are remembered at a time, at least 1.
std::size_t max_handovers();

}  // namespace secct::dissector
