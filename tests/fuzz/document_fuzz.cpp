// SPDX-License-Identifier: GPL-2.0-or-later
// Reads any text as a packet document. A valid document builds the same packets after it has been
// written and read again.
#include "generator/description/router_description.hpp"
#include "generator/document/yaml.hpp"
#include "generator/packet/build.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::generator;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 8192;
  if (size == 0 || size > longest) return 0;
  static const auto description = built_in_description();
  static const auto keys = description.keyring();
  const std::string text(data, data + size);
  try {
    const auto file =
        read_document(parse_yaml(text, "input"), "input", description.codepoints, keys);
    const auto written = to_yaml(to_json(file.codepoints, file.document));
    const auto again =
        read_document(parse_yaml(written, "written"), "written", file.codepoints, file.keys);
    require(again.document.packets.size() == file.document.packets.size(), "packets", written);
    for (std::size_t i = 0; i < file.document.packets.size(); ++i) {
      const auto first = build(file.codepoints, file.keys, file.document.packets[i]);
      const auto second = build(again.codepoints, file.keys, again.document.packets[i]);
      require(first.faults.size() == second.faults.size(), "faults", written);
      if (first.faults.empty()) require(first.octets == second.octets, "octets", written);
    }
  } catch (const UsageError&) {  // the document is invalid
  }
  return 0;
}
