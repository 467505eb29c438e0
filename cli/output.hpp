// SPDX-License-Identifier: GPL-2.0-or-later
// Where crafted and generated packets go: a capture, hexadecimal, or a file of their own kind.
#pragma once

#include <string>

#include "generator/document.hpp"

namespace secct::cli {

struct PacketOutput {
  std::string file;  // -w
  bool hex = false;  // --hex
};

// Builds every packet and writes it. UsageError when a packet cannot be built or written; then
// nothing is left of a file that did not exist before.
void write_packets(const CodePoints& codepoints, const Keyring& keys, const Document& document,
                   const PacketOutput& output);

}  // namespace secct::cli
