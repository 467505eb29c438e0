// SPDX-License-Identifier: GPL-2.0-or-later
// secct decode: prints a capture file as packet documents.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "generator/capture/read.hpp"
#include "generator/description/router_description.hpp"
#include "generator/document/document_writer.hpp"
#include "generator/packet/parse.hpp"

namespace secct::cli {
namespace {

struct Options {
  std::string file;
  std::string dut;
  bool json = false;
};

}  // namespace

Command decode_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<Options>();
  app.add_option("FILE", options->file, "capture file to read (pcap, pcapng); - is standard input")
      ->required();
  app.add_option("--dut", options->dut, "decrypt ESP with the keys of this router description")
      ->type_name("FILE");
  app.add_flag("--json", options->json, "print JSON instead of YAML");
  return [options, &global] {
    const auto settings = global.decode_settings(options->dut);
    DocumentWriter writer(settings.codepoints,
                          options->json ? DocumentFormat::json : DocumentFormat::yaml,
                          [](std::string_view text) { fmt::print("{}", text); });
    const auto error = read_capture(options->file, [&](const CapturedPacket& packet) {
      auto document =
          parse_to_document(settings.codepoints, settings.keys, packet.link, packet.octets);
      document.link = packet.link;
      if (packet.original_length > packet.octets.size()) {
        document.wire_octets = packet.original_length;
      }
      document.comment = packet.first_comment();
      document.time = packet.time;
      writer.write(document);
      return true;
    });
    writer.finish();
    if (!error.empty()) throw UsageError(error);
    return ExitStatus::ok;
  };
}

}  // namespace secct::cli
