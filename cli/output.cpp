// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output.hpp"

#include <vector>

#include <fmt/format.h>

#include "generator/capture.hpp"
#include "generator/yaml_reader.hpp"

namespace secct::cli {

void write_packets(const CodePoints& codepoints, const Keyring& keys, const Document& document,
                   const PacketOutput& output) {
  if (output.hex && output.file == "-") {
    throw UsageError("-w - and --hex would both go to standard output");
  }
  // All are built before the first is written: a document with a mistake leaves no half file.
  std::vector<Octets> built;
  built.reserve(document.packets.size());
  for (std::size_t i = 0; i < document.packets.size(); ++i) {
    auto packet = build(codepoints, keys, document.packets[i]);
    if (!packet.faults.empty()) {
      const auto& fault = packet.faults.front();
      throw UsageError(fmt::format("packets[{}].{}: {}", i, fault.path, fault.text));
    }
    built.push_back(std::move(packet.octets));
  }
  if (!output.file.empty()) {
    CaptureWriter writer(output.file, document.link);
    for (std::size_t i = 0; i < built.size(); ++i) {
      writer.write(document.packets[i].time, built[i], document.packets[i].comment);
    }
    writer.close();
  }
  if (output.hex) {
    for (const auto& octets : built) fmt::print("{}\n", to_hex(octets));
  }
}

}  // namespace secct::cli
