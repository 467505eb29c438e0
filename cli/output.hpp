// SPDX-License-Identifier: GPL-2.0-or-later
// The output of `secct craft` and `secct generate`: a capture file, hexadecimal text or a network
// interface.
#pragma once

#include <string>

#include "cli/namespace.hpp"
#include "cli/send.hpp"
#include "generator/capture/read.hpp"
#include "generator/document/document.hpp"

namespace secct::cli {

struct PacketOutput {
  std::string file;  // -w
  bool hex = false;  // --hex
  SendOptions send;

  void add_to(CLI::App& app);
  // False if no output is chosen; the packets are then printed as documents.
  bool wanted() const { return !file.empty() || hex || send.wanted(); }
};

// Reports on standard error what the reader of a capture file left out; `file` is its name in
// messages.
void report_left_out(const std::string& file, const CaptureContents& contents);

// Builds all packets of a document, then writes or sends them. Before a packet is sent, destination
// Ethernet addresses that the document omits are resolved. UsageError if a packet cannot be built,
// written or sent; a file that did not exist before is then removed. Returns the exit status of
// PacketSender::finish().
ExitStatus write_packets(const CodePoints& codepoints, const Keyring& keys,
                         const Document& document, const PacketOutput& output);

}  // namespace secct::cli
