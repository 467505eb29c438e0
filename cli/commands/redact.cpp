// SPDX-License-Identifier: GPL-2.0-or-later
// secct redact: removes secrets from a capture file.
#include "generator/capture/redact.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "files/diagnostics.hpp"
#include "generator/capture/read.hpp"
#include "generator/capture/write.hpp"
#include "generator/description/router_description.hpp"
#include "generator/description/secret_keys.hpp"

namespace secct::cli {
namespace {

struct Options {
  std::string in;
  std::string out;
  std::string dut;
  bool drop_unknown = false;
};

bool same_file(const std::string& a, const std::string& b) {
  std::error_code unknown;
  return a == b || std::filesystem::equivalent(a, b, unknown);
}

void report(const UnreadFrames& unread, bool dropped) {
  const bool one = unread.frames == 1;
  const auto& first = unread.first;
  const auto number = first.number != 0 ? fmt::format(" 0x{:x}", first.number) : "";
  print_diagnostic("secct: {} {} could not be read to {} end ({}{}; {} {}, from octet {}): {}\n",
                   unread.frames, one ? "frame" : "frames", one ? "its" : "their", first.reason,
                   number, one ? "frame" : "the first is frame", unread.first_number, first.at,
                   dropped ? "left out" : "overwritten from there");
}

std::vector<std::string> redacted(Redactor& redactor, std::vector<std::string> comments) {
  for (auto& comment : comments) comment = redactor.redact(comment);
  return comments;
}

// One interface for each link-layer type, with the comments of all interfaces of this type.
CaptureHeader header_of(Redactor& redactor, const std::vector<LinkType>& links,
                        const CaptureBlocks& blocks) {
  CaptureHeader header;
  for (const auto link : links) header.interfaces.push_back({link, {}});
  for (const auto& interface : blocks.interfaces) {
    const auto same =
        std::ranges::find(header.interfaces, interface.link, &CaptureHeader::Interface::link);
    auto& comments = same != header.interfaces.end() ? same->comments : header.comments;
    std::ranges::copy(redacted(redactor, interface.comments), std::back_inserter(comments));
  }
  std::ranges::copy(redacted(redactor, blocks.comments), std::back_inserter(header.comments));
  return header;
}

// Redacts the capture in two passes.
class RedactRun {
 public:
  RedactRun(const Options& options, const GlobalOptions& global)
      : RedactRun(options, global.decode_settings(options.dut)) {
    if (options.dut.empty()) return;
    add_keys(global.description(options.dut));
  }

  void learn() {
    check(read_capture(
        options_.in,
        [this](const CapturedPacket& packet) {
          redactor_.learn({packet.link, packet.octets, packet.original_length}, packet.time);
          if (std::ranges::find(links_, packet.link) == links_.end()) {
            links_.push_back(packet.link);
          }
          return true;
        },
        &blocks_));
    if (links_.empty()) links_.push_back(LinkType::ethernet);
  }

  void write() {
    CaptureWriter writer(options_.out, header_of(redactor_, links_, blocks_));
    check(read_capture(options_.in, [&](const CapturedPacket& captured) {
      auto packet = captured;
      if (!redactor_.redact(packet) && options_.drop_unknown) return true;
      writer.write(packet.time, packet.octets, packet.comments, packet.link,
                   packet.original_length);
      ++packets_;
      return true;
    }));
    writer.close();
  }

  void report() const {
    for (const auto& unread : redactor_.unread()) {
      cli::report(unread, options_.drop_unknown);
    }
    if (blocks_.records > 0) {
      print_diagnostic("secct: {} {} without a packet (such as a journal entry): left out\n",
                       blocks_.records, blocks_.records == 1 ? "record" : "records");
    }
    if (options_.out == "-") return;
    fmt::print("{}: {} packet{}, {} different secret{} replaced\n", options_.out, packets_,
               packets_ == 1 ? "" : "s", redactor_.secrets(), redactor_.secrets() == 1 ? "" : "s");
  }

 private:
  // The keys of the description may occur in comments and in plaintext.
  void add_keys(const RouterDescription& description) {
    constexpr std::uint32_t most_nodes = 16384;
    const auto others =
        for_each_key(description, most_nodes, [&](View key) { redactor_.add_key(key); });
    if (others == 0) return;
    print_diagnostic(
        "secct: redact: the keys of the mobile nodes after number {} are removed only where "
        "messages contain them\n",
        most_nodes);
  }

  RedactRun(const Options& options, const DecodeSettings& settings)
      : options_(options), redactor_(settings.codepoints, settings.keys) {}

  static void check(const std::string& error) {
    if (!error.empty()) throw UsageError(error);
  }

  const Options& options_;
  Redactor redactor_;
  std::vector<LinkType> links_;
  CaptureBlocks blocks_;
  std::size_t packets_ = 0;
};

}  // namespace

Command redact_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<Options>();
  app.add_option("IN", options->in, "capture file to read")->required();
  app.add_option("OUT", options->out, "pcapng file to write; - is standard output")->required();
  app.add_option("--dut", options->dut,
                 "also remove all keys of this router description, those derived from token_key "
                 "and sa_key, and the secrets in packets that they decrypt")
      ->type_name("FILE");
  app.add_flag("--drop-unknown", options->drop_unknown,
               "leave out packets that cannot be read to their end, instead of overwriting the "
               "octets that are not understood");
  return [options, &global] {
    if (options->in == "-")
      throw UsageError("redact: IN cannot be standard input, because it is read twice");
    if (same_file(options->in, options->out)) {
      throw UsageError(fmt::format("redact: {}: IN and OUT are the same file", options->out));
    }
    RedactRun run(*options, global);
    run.learn();
    run.write();
    run.report();
    return ExitStatus::ok;
  };
}

}  // namespace secct::cli
