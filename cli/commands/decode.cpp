// SPDX-License-Identifier: GPL-2.0-or-later
// secct decode: a capture to packet documents.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "generator/capture/capture.hpp"
#include "generator/description/router_description.hpp"
#include "generator/document/yaml.hpp"

namespace secct::cli {
namespace {

struct Options {
  std::string file;
  std::string dut;
  bool json = false;
};

}  // namespace

Action decode(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("FILE", options->file, "capture, - for standard input")->required();
  app.add_option("--dut", options->dut, "router description: its keys open ESP");
  app.add_flag("--json", options->json, "JSON instead of YAML");
  return [options, &common] {
    const auto known = common.known(options->dut);
    Document document;
    bool first = true;
    const auto trouble = read_capture(options->file, [&](const CapturedPacket& packet) {
      if (first) document.link = packet.link;
      first = false;
      auto found = parse_to_document(known.codepoints, known.keys, packet.link, packet.octets);
      if (packet.link != document.link) found.link = packet.link;
      if (packet.original_length > packet.octets.size()) found.wire_octets = packet.original_length;
      found.comment = packet.comment;
      found.time = packet.time;
      document.packets.push_back(std::move(found));
      return true;
    });
    const auto json = to_json(known.codepoints, document);
    fmt::print("{}", options->json ? json.dump(2) + "\n" : to_yaml(json));
    if (!trouble.empty()) throw UsageError(trouble);
    return Exit::ok;
  };
}

}  // namespace secct::cli
