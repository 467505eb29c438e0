// SPDX-License-Identifier: GPL-2.0-or-later
// Reads any octets as a capture file, and checks and redacts what it contains, as
// `secct check` and `secct redact` do.
#include "generator/capture/read.hpp"
#include "generator/capture/redact.hpp"
#include "generator/description/router_description.hpp"
#include "replay/check/check.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/no_leak_detection.hpp"

using namespace secct;
using namespace secct::generator;
using namespace secct::replay;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 65536;
  if (size > longest) return 0;
  static const auto description = built_in_description();
  static const auto keys = description.keyring();
  const test::MemoryFile file(View(data, size));

  CheckOptions options;
  options.description = &description;
  Checker checker(options);
  Redactor redactor(description.codepoints, keys);
  CaptureContents contents;
  std::uint64_t packets = 0;
  std::size_t interfaces = 0;  // that packets name
  try {
    read_capture(
        file.path(),
        [&](const CapturedPacket& packet) {
          ++packets;
          interfaces = std::max<std::size_t>(interfaces, packet.interface + std::size_t{1});
          checker.packet(packet);
          redactor.learn({packet.link, packet.octets, packet.original_length}, packet.time);
          return true;
        },
        {"input", &contents});
    require(!contents.has_interfaces || interfaces <= contents.header.interfaces.size(),
            "a packet of no interface");
    read_capture(file.path(),
                 [&](const CapturedPacket& packet) {
                   auto copy = packet;
                   redactor.redact(copy);
                   require(copy.octets.size() == packet.octets.size(),
                           "length of a redacted packet");
                   --packets;
                   return true;
                 },
                 {"input", nullptr});
  } catch (const UsageError&) {  // no capture file
  }
  checker.finish();
  require(packets == 0, "the second pass has other packets");
  return 0;
}
