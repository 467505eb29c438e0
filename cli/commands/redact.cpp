// SPDX-License-Identifier: GPL-2.0-or-later
// secct redact: a capture that can be shared.
#include "generator/capture/redact.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "generator/capture/capture.hpp"
#include "generator/description/router_description.hpp"

namespace secct::cli {
namespace {

struct Options {
  std::string in;
  std::string out;
  std::string dut;
};

bool same_file(const std::string& a, const std::string& b) {
  std::error_code unknown;
  return a == b || std::filesystem::equivalent(a, b, unknown);
}

}  // namespace

Action redact(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("IN", options->in, "capture")->required();
  app.add_option("OUT", options->out, "pcapng to write, - for standard output")->required();
  app.add_option("--dut", options->dut,
                 "router description: its keys are secrets too, and open ESP to look for more");
  return [options, &common] {
    if (options->in == "-") throw UsageError("redact: IN is read twice and cannot be -");
    if (same_file(options->in, options->out)) {
      throw UsageError(fmt::format("{}: IN and OUT are the same file", options->out));
    }
    auto known = common.known(options->dut);
    Redactor redactor(known.codepoints, std::move(known.keys));
    std::vector<LinkType> links;
    auto trouble = read_capture(options->in, [&](const CapturedPacket& packet) {
      redactor.learn(packet.link, packet.octets);
      if (std::ranges::find(links, packet.link) == links.end()) links.push_back(packet.link);
      return true;
    });
    if (!trouble.empty()) throw UsageError(trouble);
    if (links.empty()) links.push_back(LinkType::ethernet);
    CaptureWriter writer(options->out, links);
    std::size_t packets = 0;
    trouble = read_capture(options->in, [&](const CapturedPacket& packet) {
      auto octets = packet.octets;
      redactor.redact(packet.link, octets);
      writer.write(packet.time, octets, redactor.redact(packet.comment), packet.link,
                   packet.original_length);
      ++packets;
      return true;
    });
    if (!trouble.empty()) throw UsageError(trouble);
    writer.close();
    if (options->out != "-") {
      fmt::print("{}: {} packets, {} different secrets replaced\n", options->out, packets,
                 redactor.secrets());
    }
    return Exit::ok;
  };
}

}  // namespace secct::cli
