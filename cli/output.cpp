// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output.hpp"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "files/diagnostics.hpp"
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

void write_capture(const std::vector<Octets>& built, const Document& document,
                   const std::string& file) {
  const bool has_interfaces = !document.interfaces.empty();
  const auto interfaces = has_interfaces ? document.interfaces : default_interfaces(document);
  CaptureWriter writer(file, {document.section, interfaces});
  for (std::size_t i = 0; i < built.size(); ++i) {
    const auto& packet = document.packets[i];
    const auto interface =
        has_interfaces ? packet.interface : default_interface(document, packet, interfaces);
    writer.write({packet.time, built[i], packet.comments, interface, packet.wire_octets});
  }
  writer.close();
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
  app.add_option("-w,--write", file,
                 "write the packets to a capture file, pcapng or *.pcap; - is standard output")
      ->type_name("FILE");
  app.add_flag("--hex", hex, "print each packet as a line of hexadecimal octets");
  send.add_to(app);
}

void report_left_out(const std::string& file, const CaptureContents& contents) {
  if (contents.left_out.empty()) return;
  const auto list = fmt::format("{}", fmt::join(contents.left_out, ", "));
  print_diagnostic("secct: {}: left out: {}\n", file, list);
}

ExitStatus write_packets(const CodePoints& codepoints, const Keyring& keys,
                         const Document& document, const PacketOutput& output) {
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
    write_capture(built, document, output.file);
  }
  if (output.hex) {
    for (const auto& octets : built) fmt::print("{}\n", to_hex(octets));
  }
  if (output.send.wanted()) {
    PacketSender sender(output.send, 1, true, keys);
    send_all(built, document, sender);
    return sender.finish();
  }
  return ExitStatus::ok;
}

}  // namespace secct::cli
