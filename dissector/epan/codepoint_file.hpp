// SPDX-License-Identifier: GPL-2.0-or-later
// A code-point profile: the YAML file that the tools read with --codepoints.
#pragma once

#include <string>

#include "protocol/tables/codepoints.hpp"

namespace secct::dissector {

// Sets in `out` what the file names. Empty text: read. Otherwise what is wrong with the file.
std::string read_codepoint_file(const char* path, CodePoints& out);

}  // namespace secct::dissector
