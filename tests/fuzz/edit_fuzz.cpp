// SPDX-License-Identifier: GPL-2.0-or-later
// Edits a packet document with any text. The first octet selects the message; then each line is an
// edit: its kind (a letter), a path, '=', and a value. The edited document builds the same packet
// after it has been written and read again.
#include <sstream>

#include "generator/description/router_description.hpp"
#include "generator/document/edit_list.hpp"
#include "generator/document/yaml.hpp"
#include "generator/handover/handover.hpp"
#include "generator/packet/build.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::generator;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 2048;
  if (size == 0 || size > longest) return 0;
  static const auto description = built_in_description();
  Counters counters;
  Handover handover(description, Role::nr, 1, 1, counters);
  const auto keys = handover.keyring();
  const auto names = Handover::names();
  Document document;
  document.packets.push_back(*handover.by_name(names[data[0] % names.size()]));
  auto& packet = document.packets[0];

  std::istringstream lines(std::string(data + 1, data + size));
  const auto no_variables = [](const std::string& text) { return std::vector{text}; };
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    Edit edit;
    edit.kind = static_cast<Edit::Kind>(static_cast<unsigned char>(line[0]) % 9U);
    try {
      std::tie(edit.path, edit.value) = split_assignment(line.substr(1));
      apply(edit, description.codepoints, packet, no_variables);
    } catch (const UsageError&) {  // the packet is unchanged, or changed in part
    }
  }
  const auto first = build(description.codepoints, keys, packet);
  const auto written = to_yaml(to_json(description.codepoints, document));
  try {
    const auto again =
        read_document(parse_yaml(written, "written"), "written", description.codepoints, keys);
    require(again.document.packets.size() == 1, "packets", written);
    const auto second = build(again.codepoints, keys, again.document.packets[0]);
    require(first.faults.size() == second.faults.size(), "faults", written);
    if (first.faults.empty()) require(first.octets == second.octets, "octets", written);
  } catch (const UsageError& error) {
    require(false, error.what(), written);
  }
  return 0;
}
