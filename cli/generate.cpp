// SPDX-License-Identifier: GPL-2.0-or-later
// secct generate: whole handovers.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/malformed_option.hpp"
#include "cli/output.hpp"
#include "generator/document_yaml.hpp"
#include "generator/scenario.hpp"

namespace secct::cli {
namespace {

struct Options {
  std::string scenario;
  std::string dut;
  std::uint32_t handovers = 1;
  std::uint64_t seed = 1;
  MalformedOption malformed;
  PacketOutput output;
};

// The scenario with malformed packets among its own.
Scenario with_malformed(const Options& options, const Lab& lab) {
  std::set<std::string> messages;
  for (const auto& packet :
       make_scenario(options.scenario, lab, 1, options.seed).document.packets) {
    messages.insert(message_name(packet));
  }
  messages.erase("");
  auto handovers = options.handovers;
  auto injector = options.malformed.injector(lab, messages, options.seed, handovers);
  auto scenario = make_scenario(options.scenario, lab, handovers, options.seed);
  std::vector<PacketDocument> packets;
  for (std::size_t i = 0; i < scenario.document.packets.size(); ++i) {
    for (auto& packet : injector.add(std::move(scenario.document.packets[i]),
                                     scenario.mobile_nodes[i], scenario.keys)) {
      packets.push_back(std::move(packet));
    }
  }
  scenario.document.packets = std::move(packets);
  return scenario;
}

}  // namespace

Action generate(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("SCENARIO", options->scenario, "see 'secct list scenarios'")->required();
  app.add_option("--handovers", options->handovers, "mobile nodes, one handover each");
  app.add_option("--seed", options->seed, "the same seed gives the same octets")
      ->check(CLI::NonNegativeNumber);
  options->malformed.add_to(app);
  app.add_option("--dut", options->dut, "router description: addresses, SAs and keys");
  options->output.add_to(app);
  return [options, &common] {
    auto lab = options->dut.empty() ? default_lab() : load_lab(options->dut);
    if (!common.codepoints_file.empty()) lab.codepoints = common.codepoints();
    const auto scenario =
        options->malformed.given()
            ? with_malformed(*options, lab)
            : make_scenario(options->scenario, lab, options->handovers, options->seed);
    if (!options->output.wanted()) {
      options->output.send.check();
      fmt::print("{}", to_yaml(to_json(lab.codepoints, scenario.document)));
    } else {
      const auto per_handover =
          static_cast<double>(scenario.document.packets.size()) / options->handovers;
      write_packets(lab.codepoints, scenario.keys, scenario.document, options->output, per_handover,
                    false);
    }
    return Exit::ok;
  };
}

}  // namespace secct::cli
