// SPDX-License-Identifier: GPL-2.0-or-later
// Where crafted and generated packets go: a capture, hexadecimal, a network interface.
#pragma once

#include <string>

#include "cli/namespace.hpp"
#include "cli/send.hpp"
#include "generator/document/document.hpp"

namespace secct::cli {

struct PacketOutput {
  std::string file;  // -w
  bool hex = false;  // --hex
  SendOptions send;  // --send and its like

  void add_to(CLI::App& app);
  // False: the packets are to be printed as documents.
  bool wanted() const { return !file.empty() || hex || send.wanted(); }
};

// Builds every packet of a document and writes it. UsageError when a packet cannot be built,
// written or sent; then nothing is left of a file that did not exist before. Ethernet addresses
// that the document leaves out are asked for before sending.
void write_packets(const CodePoints& codepoints, const Keyring& keys, const Document& document,
                   const PacketOutput& output);

}  // namespace secct::cli
