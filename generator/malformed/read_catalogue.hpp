// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the files of the malformed catalogue, and makes the truncated messages.
#pragma once

#include "generator/malformed/catalogue.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// The entries of generator/malformed/catalogue/*.yaml, which are compiled in.
std::vector<Malformed> read_malformed();
// The entries of one file. UsageError names `file`, line and path of a mistake.
std::vector<Malformed> read_malformed(const std::string& text, const std::string& file);

// Every message of the built-in router description, truncated after each of its octets.
std::vector<Malformed> malformed_cuts();

}  // namespace secct::generator
