// SPDX-License-Identifier: GPL-2.0-or-later
// secct redact: removes secrets from a capture file.
#include "generator/capture/redact.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "files/diagnostics.hpp"
#include "generator/capture/read.hpp"
#include "generator/capture/write.hpp"
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

void report(const UnreadFrames& unread) {
  const bool one = unread.frames == 1;
  const auto& first = unread.first;
  const auto number = first.number != 0 ? fmt::format(" 0x{:x}", first.number) : "";
  print_diagnostic(
      "secct: {} {} could not be read to {} end ({}{}; {} {}, from octet {}): overwritten "
      "from there\n",
      unread.frames, one ? "frame" : "frames", one ? "its" : "their", first.reason, number,
      one ? "frame" : "the first is frame", unread.first_number, first.at);
}

}  // namespace

Command redact_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<Options>();
  app.add_option("IN", options->in, "capture file to read")->required();
  app.add_option("OUT", options->out, "pcapng file to write; - is standard output")->required();
  app.add_option("--dut", options->dut,
                 "also remove the keys of this router description and the secrets in packets that "
                 "they decrypt")
      ->type_name("FILE");
  return [options, &global] {
    if (options->in == "-")
      throw UsageError("redact: IN cannot be standard input, because it is read twice");
    if (same_file(options->in, options->out)) {
      throw UsageError(fmt::format("redact: {}: IN and OUT are the same file", options->out));
    }
    auto settings = global.decode_settings(options->dut);
    Redactor redactor(settings.codepoints, std::move(settings.keys));
    std::vector<LinkType> links;
    auto error = read_capture(options->in, [&](const CapturedPacket& packet) {
      redactor.learn({packet.link, packet.octets, packet.original_length}, packet.time);
      if (std::ranges::find(links, packet.link) == links.end()) links.push_back(packet.link);
      return true;
    });
    if (!error.empty()) throw UsageError(error);
    if (links.empty()) links.push_back(LinkType::ethernet);
    CaptureWriter writer(options->out, links);
    std::size_t packets = 0;
    error = read_capture(options->in, [&](const CapturedPacket& packet) {
      auto octets = packet.octets;
      redactor.redact(packet.link, octets, packet.original_length);
      writer.write(packet.time, octets, redactor.redact(packet.comment), packet.link,
                   packet.original_length);
      ++packets;
      return true;
    });
    if (!error.empty()) throw UsageError(error);
    writer.close();
    for (const auto& unread : redactor.unread()) report(unread);
    if (options->out != "-") {
      fmt::print("{}: {} packet{}, {} different secret{} replaced\n", options->out, packets,
                 packets == 1 ? "" : "s", redactor.secrets(), redactor.secrets() == 1 ? "" : "s");
    }
    return ExitStatus::ok;
  };
}

}  // namespace secct::cli
