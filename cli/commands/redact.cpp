// SPDX-License-Identifier: GPL-2.0-or-later
// secct redact: removes secrets from a capture file.
#include "generator/capture/redact.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/output.hpp"
#include "files/diagnostics.hpp"
#include "files/escape.hpp"
#include "files/unnamed_file.hpp"
#include "generator/capture/read.hpp"
#include "generator/capture/write.hpp"
#include "generator/description/router_description.hpp"
#include "generator/description/secret_keys.hpp"

namespace secct::cli {
namespace {

struct RedactArguments {
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

// Redacts a capture in two passes.
class RedactRun {
 public:
  // `description` may be nullptr.
  RedactRun(const RedactArguments& options, const CodePoints& codepoints,
            const RouterDescription* description)
      : options_(options),
        input_(options.in),
        redactor_(codepoints, description != nullptr ? description->keyring() : Keyring(),
                  keys_of(description)) {
    if (description != nullptr) add_keys(*description);
  }

  // Finds the secrets, and the interfaces: if the format has none, one for each link-layer type.
  void learn() {
    std::vector<CaptureInterface> by_link;
    check(read_capture(
        input_.path(),
        [&](const CapturedPacket& packet) {
          redactor_.learn({packet.link, packet.octets, packet.original_length}, packet.time);
          if (std::ranges::find(by_link, packet.link, &CaptureInterface::link) == by_link.end()) {
            by_link.emplace_back().link = packet.link;
          }
          return true;
        },
        {input_.name(), &contents_}));
    auto& interfaces = contents_.header.interfaces;
    if (!contents_.has_interfaces) interfaces = by_link;
    if (interfaces.empty()) interfaces.emplace_back();
  }

  void write() {
    CaptureWriter writer(options_.out, redacted_header());
    check(read_capture(input_.path(),
                       [&](const CapturedPacket& captured) {
                         auto packet = captured;
                         if (!redactor_.redact(packet) && options_.drop_unknown) return true;
                         writer.write({packet.time, packet.octets, packet.comments,
                                       interface_of(packet), packet.original_length});
                         ++packets_;
                         return true;
                       },
                       {input_.name(), nullptr}));
    writer.close();
  }

  void report() const {
    report_left_out(input_.name(), contents_);
    for (const auto& unread : redactor_.unread()) cli::report(unread, options_.drop_unknown);
    if (options_.out == "-") return;
    print_escaped("{}: {} packet{}, {} different secret{} replaced\n", options_.out, packets_,
                  packets_ == 1 ? "" : "s", redactor_.secrets(),
                  redactor_.secrets() == 1 ? "" : "s");
  }

 private:
  static Redactor::KeysOfAddress keys_of(const RouterDescription* description) {
    if (description == nullptr) return {};
    return [description](const Address& address, const auto& each) {
      for_each_key_of(*description, address, each);
    };
  }

  // The keys of the description may occur in comments and in plaintext. Those of a million mobile
  // nodes would not fit into memory: the redactor adds those whose addresses are in the capture.
  void add_keys(const RouterDescription& description) {
    constexpr std::uint32_t most_nodes = 16384;
    const auto others =
        for_each_key(description, most_nodes, [&](View key) { redactor_.add_key(key); });
    if (others == 0) return;
    print_diagnostic(
        "secct: redact: the keys of mobile nodes after number {} whose addresses are not in the "
        "capture are removed only where messages contain them\n",
        most_nodes);
  }

  void redact(std::vector<CaptureOption>& options) {
    for (auto& option : options) option.text = redactor_.redact(option.text);
  }

  // The comments of blocks that are left out become those of the section.
  CaptureHeader redacted_header() {
    auto header = contents_.header;
    for (const auto& comment : contents_.other_comments) {
      header.section.push_back({comment_option, comment, 0});
    }
    redact(header.section);
    for (auto& interface : header.interfaces) redact(interface.options);
    return header;
  }

  std::uint32_t interface_of(const CapturedPacket& packet) const {
    if (contents_.has_interfaces) return packet.interface;
    const auto& interfaces = contents_.header.interfaces;
    const auto same = std::ranges::find(interfaces, packet.link, &CaptureInterface::link);
    return static_cast<std::uint32_t>(same - interfaces.begin());
  }

  static void check(const std::string& error) {
    if (!error.empty()) throw UsageError(error);
  }

  const RedactArguments& options_;
  RereadableFile input_;
  Redactor redactor_;
  CaptureContents contents_;
  std::size_t packets_ = 0;
};

}  // namespace

Command redact_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<RedactArguments>();
  app.add_option("IN", options->in, "capture file to read; - is standard input")->required();
  app.add_option("OUT", options->out,
                 "capture file to write, pcapng or *.pcap; - is standard output")
      ->required();
  app.add_option("--dut", options->dut,
                 "also remove all keys of this router description, those derived from token_key "
                 "and sa_key, and the secrets in packets that they decrypt")
      ->type_name("FILE");
  app.add_flag("--drop-unknown", options->drop_unknown,
               "leave out packets that cannot be read to their end, instead of overwriting the "
               "octets that are not understood");
  return [options, &global] {
    if (same_file(options->in, options->out)) {
      throw UsageError(fmt::format("redact: {}: IN and OUT are the same file", options->out));
    }
    std::optional<RouterDescription> description;
    if (!options->dut.empty()) description = global.description(options->dut);
    RedactRun run(*options, description ? description->codepoints : global.codepoints(),
                  description ? &*description : nullptr);
    run.learn();
    run.write();
    run.report();
    return ExitStatus::ok;
  };
}

}  // namespace secct::cli
