// SPDX-License-Identifier: GPL-2.0-or-later
// secct decode: prints a capture file as packet documents.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "generator/capture/read.hpp"
#include "generator/description/router_description.hpp"
#include "generator/document/yaml.hpp"
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
    Document document;
    bool first = true;
    const auto error = read_capture(options->file, [&](const CapturedPacket& packet) {
      if (first) document.link = packet.link;
      first = false;
      auto found =
          parse_to_document(settings.codepoints, settings.keys, packet.link, packet.octets);
      if (packet.link != document.link) found.link = packet.link;
      if (packet.original_length > packet.octets.size()) found.wire_octets = packet.original_length;
      found.comment = packet.first_comment();
      found.time = packet.time;
      document.packets.push_back(std::move(found));
      return true;
    });
    const auto json = to_json(settings.codepoints, document);
    fmt::print("{}", options->json ? json.dump(2) + "\n" : to_yaml(json));
    if (!error.empty()) throw UsageError(error);
    return ExitStatus::ok;
  };
}

}  // namespace secct::cli
