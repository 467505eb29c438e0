// SPDX-License-Identifier: GPL-2.0-or-later
// secct decode: prints a capture file as packet documents.
#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/output.hpp"
#include "files/unnamed_file.hpp"
#include "generator/capture/read.hpp"
#include "generator/description/router_description.hpp"
#include "generator/document/document_writer.hpp"
#include "generator/packet/parse.hpp"

namespace secct::cli {
namespace {

struct DecodeArguments {
  std::string file;
  std::string dut;
  bool json = false;
};

// Sets everything except the layers.
void set_properties(PacketDocument& document, const CapturedPacket& packet) {
  document.link = packet.link;
  document.interface = packet.interface;
  if (packet.original_length != packet.octets.size()) document.wire_octets = packet.original_length;
  document.comments = packet.comments;
  document.time = packet.time;
}

// The document without its packets, in which `packets` has one packet for each pair of interface
// and link layer. It has the interfaces of the capture, unless `craft` makes the same ones by
// default.
Document header_of(const CaptureContents& contents, std::vector<PacketDocument> packets) {
  Document document;
  const auto& interfaces = contents.header.interfaces;
  if (!packets.empty()) {
    document.link = *packets.front().link;
  } else if (!interfaces.empty()) {
    document.link = interfaces.front().link;
  }
  document.packets = std::move(packets);
  document.section = contents.header.section;
  if (contents.has_interfaces) {
    const auto by_default = default_interfaces(document);
    const bool is_default =
        interfaces == by_default && std::ranges::all_of(document.packets, [&](const auto& packet) {
          return packet.interface == default_interface(document, packet, by_default);
        });
    if (!is_default) document.interfaces = interfaces;
  }
  document.packets.clear();
  return document;
}

// Reads the capture to its end, because the interfaces of a pcapng file may be anywhere.
Document read_header(const RereadableFile& file, CaptureContents& contents) {
  std::vector<PacketDocument> packets;
  read_capture(file.path(),
               [&](const CapturedPacket& packet) {
                 const bool is_known =
                     std::ranges::any_of(packets, [&](const PacketDocument& other) {
                       return other.link == packet.link && other.interface == packet.interface;
                     });
                 if (!is_known) {
                   auto& added = packets.emplace_back();
                   added.link = packet.link;
                   added.interface = packet.interface;
                 }
                 return true;
               },
               {file.name(), &contents});
  return header_of(contents, std::move(packets));
}

}  // namespace

Command decode_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<DecodeArguments>();
  app.add_option("FILE", options->file, "capture file to read (pcap, pcapng); - is standard input")
      ->required();
  app.add_option("--dut", options->dut, "decrypt ESP with the keys of this router description")
      ->type_name("FILE");
  app.add_flag("--json", options->json, "print JSON instead of YAML");
  return [options, &global] {
    const auto settings = global.decode_settings(options->dut);
    const RereadableFile input(options->file);
    CaptureContents contents;
    DocumentWriter writer(settings.codepoints,
                          options->json ? DocumentFormat::json : DocumentFormat::yaml,
                          [](std::string_view text) { fmt::print("{}", text); });
    writer.set_header(read_header(input, contents));
    const auto error = read_capture(input.path(),
                                    [&](const CapturedPacket& packet) {
                                      auto document =
                                          parse_to_document(settings.codepoints, settings.keys,
                                                            packet.link, packet.octets);
                                      set_properties(document, packet);
                                      writer.write(document);
                                      return true;
                                    },
                                    {input.name(), nullptr});
    writer.finish();
    report_left_out(input.name(), contents);
    if (!error.empty()) throw UsageError(error);
    return ExitStatus::ok;
  };
}

}  // namespace secct::cli
