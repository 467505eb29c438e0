// SPDX-License-Identifier: GPL-2.0-or-later
// Converts the dump of a vector to a document.
#pragma once

#include "protocol/encode/node.hpp"
#include "tests/protocol/vector_file.hpp"

namespace secct::test {

enum class Dump : std::uint8_t {
  whole,  // every field that is listed
  lean    // without lengths, counts, padding and numbers whose parts are listed
};

Node tree_of(const Vector& vector, Dump dump);

}  // namespace secct::test
