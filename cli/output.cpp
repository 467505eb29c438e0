// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "files/yaml_reader.hpp"
#include "generator/capture/write.hpp"
#include "generator/document/link_names.hpp"
#include "generator/packet/build.hpp"

namespace secct::cli {

namespace {

LinkType link_of(const Document& document, const PacketDocument& packet) {
  return packet.link.value_or(document.link);
}

void require_sendable_links(const Document& document) {
  for (std::size_t i = 0; i < document.packets.size(); ++i) {
    const auto link = link_of(document, document.packets[i]);
    if (PacketSender::can_send(link)) continue;
    throw UsageError(fmt::format(
        "packets[{}]: --send: expected a packet of link type Ethernet or raw IP, found {}", i,
        link_name(link)));
  }
}

void send_all(const std::vector<Octets>& built, const Document& document, PacketSender& sender) {
  for (bool again = true; again; sender.rewind()) {
    for (std::size_t i = 0; i < built.size(); ++i) {
      const auto& packet = document.packets[i];
      if (!sender.send(built[i], packet.time, link_of(document, packet))) return;
    }
    again = sender.loop() && !built.empty();
  }
}

}  // namespace

void PacketOutput::add_to(CLI::App& app) {
  app.add_option("-w,--write", file, "write the packets to a pcapng file; - is standard output")
      ->type_name("FILE");
  app.add_flag("--hex", hex, "print each packet as a line of hexadecimal octets");
  send.add_to(app);
}

void write_packets(const CodePoints& codepoints, const Keyring& keys, const Document& document,
                   const PacketOutput& output) {
  output.send.check();
  if (output.hex && output.file == "-") {
    throw UsageError("-w - and --hex would both go to standard output");
  }
  if (output.send.wanted()) require_sendable_links(document);
  // An error in the document must not leave an incomplete file.
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
    std::vector<LinkType> links{document.link};
    for (const auto& packet : document.packets) {
      const auto link = link_of(document, packet);
      if (std::ranges::find(links, link) == links.end()) links.push_back(link);
    }
    CaptureWriter writer(output.file, links);
    for (std::size_t i = 0; i < built.size(); ++i) {
      const auto& packet = document.packets[i];
      writer.write(packet.time, built[i], packet.comment, link_of(document, packet),
                   packet.wire_octets);
    }
    writer.close();
  }
  if (output.hex) {
    for (const auto& octets : built) fmt::print("{}\n", to_hex(octets));
  }
  if (output.send.wanted()) {
    PacketSender sender(output.send, 1, true, keys);
    send_all(built, document, sender);
    sender.finish();
  }
}

}  // namespace secct::cli
