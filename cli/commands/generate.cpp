// SPDX-License-Identifier: GPL-2.0-or-later
// secct generate: whole handovers.
#include <algorithm>
#include <csignal>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/malformed_option.hpp"
#include "cli/output.hpp"
#include "files/output_file.hpp"
#include "generator/capture/capture.hpp"
#include "generator/document/yaml.hpp"
#include "generator/malformed/malformed_scenario.hpp"
#include "generator/scenario/prefetch.hpp"

namespace secct::cli {
namespace {

constexpr auto scenario_link = LinkType::ethernet;

struct Options {
  std::string scenario;
  std::string dut;
  std::string yaml;
  std::uint32_t handovers = 1;
  std::uint64_t seed = 1;
  std::optional<bool> confidential;
  bool no_data = false;
  MalformedOption malformed;
  PacketOutput output;
};

// The messages of the scenario, as malformed entries call them.
std::set<std::string> messages_of(const Options& options, const ScenarioRow& row,
                                  const RouterDescription& description) {
  std::set<std::string> messages;
  for (const auto& packet : make_scenario(row, description, 1, options.seed).document.packets) {
    messages.insert(message_name(packet));
  }
  messages.erase("");
  return messages;
}

// The router description of the scenario.
RouterDescription scenario_description(const Options& options, const ScenarioRow& row) {
  const bool built_in = options.dut.empty();
  auto yaml = row.description(built_in ? built_in_yaml() : load_yaml(options.dut));
  if (options.confidential) yaml["policies"]["confidential"] = *options.confidential;
  auto description = read_description(yaml, built_in ? "built-in lab" : options.dut);
  if (options.yaml.empty()) return description;
  for (std::uint32_t i = 1; row.conflict && i <= options.handovers; ++i) {
    const auto node = description.mobile_node(i, Role::nr);
    yaml["spi_in_use"].push_back(node.sas.at(*row.conflict).context.spi);
  }
  write_text(options.yaml, YAML::Dump(yaml) + "\n");
  return description;
}

// Ctrl-C ends the file, which is whole then, and after that the program.
template <class Run>
void write(Run run, const std::string& file) {
  CaptureWriter writer(file, scenario_link);
  std::optional<Interruptible> guard(std::in_place);
  while (!guard->interrupted() && run.next()) {
    writer.write(run.time(), run.octets(), run.comment());
  }
  const bool interrupted = guard->interrupted();
  guard.reset();
  writer.close();
  if (interrupted) static_cast<void>(std::raise(SIGINT));
}

// As many packets as fit into `kept` are built beforehand, once for every loop when these are all;
// others are built ahead while they are sent.
template <class NewRun>
void send(NewRun new_run, std::size_t per_handover, const SendOptions& options) {
  constexpr std::size_t most_kept = std::size_t{64} << 20;
  std::vector<std::pair<std::uint64_t, Octets>> kept;
  std::size_t octets = 0;
  bool all = false;
  auto first = new_run();
  while (octets < most_kept && !(all = !first.next())) {
    const auto& packet = first.octets();
    kept.emplace_back(first.time(), Octets(packet.begin(), packet.end()));
    octets += packet.size();
  }
  PacketSender sender(options, static_cast<double>(per_handover), false);
  const auto send_kept = [&] {
    return std::ranges::all_of(kept, [&](const auto& entry) {
      return sender.send(entry.second, entry.first, scenario_link);
    });
  };
  const auto send_rest = [&](auto& run) {
    while (run.next()) {
      if (!sender.send(run.octets(), run.time(), scenario_link)) return false;
    }
    return true;
  };
  bool more = send_kept() && (all || send_rest(first));
  if (!all) kept = {};
  while (more && sender.loop() && !(all && kept.empty())) {
    sender.rewind();
    if (all) {
      more = send_kept();
    } else {
      auto again = new_run();
      more = send_rest(again);
    }
  }
  sender.finish();
}

template <class NewRun>
void put(NewRun new_run, std::size_t per_handover, const PacketOutput& output) {
  if (!output.file.empty()) write(new_run(), output.file);
  if (output.hex) {
    for (auto packets = new_run(); packets.next();) fmt::print("{}\n", to_hex(packets.octets()));
  }
  if (output.send.wanted()) send(new_run, per_handover, output.send);
}

void print(const CodePoints& codepoints, const Document& document) {
  fmt::print("{}", to_yaml(to_json(codepoints, document)));
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
  app.add_flag("--confidential,!--no-confidential", options->confidential,
               "contexts travel under ESP, or under AH, whatever the description says");
  app.add_flag("--no-data", options->no_data, "the messages alone, without the MN's data");
  app.add_option("--write-description", options->yaml,
                 "write the router description of the scenario, a key file for Wireshark");
  options->output.add_to(app);
  return [options, &common] {
    const auto& output = options->output;
    output.send.check();
    if (output.hex && output.file == "-") {
      throw UsageError("-w - and --hex would both go to standard output");
    }
    auto row = find_scenario(options->scenario);
    if (options->no_data) {
      std::erase_if(row.steps, [](const auto& step) { return step.message == "data"; });
    }
    auto description = scenario_description(*options, row);
    if (!common.codepoints_file.empty()) description.codepoints = common.codepoints();
    if (!options->malformed.given()) {
      const auto run = [&] {
        return ScenarioPrefetch(row, description, options->handovers, options->seed);
      };
      if (output.wanted()) {
        put(run, row.steps.size(), output);
      } else {
        print(description.codepoints,
              make_scenario(row, description, options->handovers, options->seed).document);
      }
      return Exit::ok;
    }
    const auto messages = messages_of(*options, row, description);
    const auto run = [&] {
      auto handovers = options->handovers;
      auto injector = options->malformed.injector(description, messages, options->seed, handovers);
      return MalformedScenario(row, description, handovers, options->seed, std::move(injector));
    };
    if (output.wanted()) {
      put(run, row.steps.size(), output);
    } else {
      Document document;
      for (auto packets = run(); packets.next();) document.packets.push_back(packets.document());
      print(description.codepoints, document);
    }
    return Exit::ok;
  };
}

}  // namespace secct::cli
