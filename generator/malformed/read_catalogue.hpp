// SPDX-License-Identifier: GPL-2.0-or-later
// The malformed catalogue from its files, and the cuts, which no file lists.
#pragma once

#include "generator/malformed/catalogue.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// generator/malformed/*.yaml, as they are compiled in. UsageError for a mistake in them.
std::vector<Malformed> read_malformed();
// The same from a text, for tests.
std::vector<Malformed> read_malformed(const std::string& text, const std::string& file);

// Every message of the built-in router description cut behind each of its octets.
std::vector<Malformed> malformed_cuts();

}  // namespace secct::generator
