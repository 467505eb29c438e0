// SPDX-License-Identifier: GPL-2.0-or-later
// Reads a code-point profile: the YAML file that `secct --codepoints` also reads.
#pragma once

#include <string>

#include "protocol/tables/codepoints.hpp"

namespace secct::dissector {

// Sets in `out` the code points that the file at `path` names. Returns an empty string, or what is
// wrong with the file and where; then `out` is unchanged.
std::string read_codepoint_file(const char* path, CodePoints& out);

}  // namespace secct::dissector
