// SPDX-License-Identifier: GPL-2.0-or-later
// Reads any text as a router description. What a valid one says is the same after it has been
// written and read again.
#include "generator/description/router_description.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::generator;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 8192;
  constexpr std::uint32_t few = 64;  // mobile nodes whose keys are derived
  if (size > longest) return 0;
  const std::string text(data, data + size);
  try {
    const auto node = parse_yaml(text, "input");
    const auto description = read_description(node, "input");
    const auto last = description.last_mobile_node();
    if (last <= few) description.keyring();
    for (const auto role : description.roles) {
      for (const auto number : {1U, last}) {
        if (number == 0 || number > last) continue;
        const auto mobile_node = description.mobile_node(number, role);
        require(description.number_of(mobile_node.paddr) == number, "number of a Paddr", text);
        require(mobile_node.transferable().size() <= mobile_node.sas.size(), "SAs", text);
      }
    }
    const auto written = dump_yaml(to_yaml(description, node));
    const auto again = read_description(parse_yaml(written, "written"), "written");
    require(again.policies == description.policies, "policies", written);
    require(again.last_mobile_node() == last, "mobile nodes", written);
    require(again.token_key == description.token_key, "token key", written);
  } catch (const UsageError&) {  // the description is invalid
  }
  return 0;
}
