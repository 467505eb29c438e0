// SPDX-License-Identifier: GPL-2.0-or-later
// secct generate: generates complete handovers.
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
#include "generator/capture/write.hpp"
#include "generator/document/document_writer.hpp"
#include "generator/document/yaml.hpp"
#include "generator/malformed/inject.hpp"
#include "generator/scenario/adapted_row.hpp"
#include "generator/scenario/fragmented_run.hpp"
#include "generator/scenario/prefetch.hpp"
#include "replay/wire/described_addresses.hpp"

namespace secct::cli {
namespace {

constexpr auto scenario_link = LinkType::ethernet;

struct GenerateArguments {
  std::string scenario;
  std::string dut;
  std::string description_file;  // --write-description
  std::uint32_t handovers = 1;
  std::uint64_t seed = 1;
  std::optional<bool> confidential;
  bool no_data = false;
  MalformedOption malformed;
  PacketOutput output;
};

// The messages of the scenario, by the names that the malformed catalogue uses.
std::set<std::string> messages_of(const GenerateArguments& options, const ScenarioRow& row,
                                  const RouterDescription& description) {
  std::set<std::string> messages;
  for (const auto& packet : make_scenario(row, description, 1, options.seed).document.packets) {
    messages.insert(message_name(packet));
  }
  messages.erase("");
  return messages;
}

// The number of frames of one handover, for --send.
std::size_t frames_per_handover(const GenerateArguments& options, const ScenarioRow& row,
                                const RouterDescription& description) {
  std::size_t count = 0;
  if (!options.output.send.wanted()) return count;
  FragmentedRun<ScenarioRun> frames(row, description, 1U, options.seed);
  while (frames.next()) ++count;
  return count;
}

// The router description of the scenario; also writes it to the file of --write-description.
RouterDescription scenario_description(const GenerateArguments& options, const ScenarioRow& row) {
  const bool built_in = options.dut.empty();
  auto yaml = row.description(built_in ? built_in_yaml() : load_yaml(options.dut));
  if (options.confidential) yaml["policies"]["confidential"] = *options.confidential;
  auto description = read_description(yaml, built_in ? "built-in description" : options.dut);
  if (options.description_file.empty()) return description;
  if (row.conflict) {
    const auto conflict = *adapted_row(row, description).conflict;
    for (std::uint32_t i = 1; i <= options.handovers; ++i) {
      const auto node = description.mobile_node(i, Role::nr);
      yaml["spi_in_use"].push_back(node.sas.at(conflict).context.spi);
    }
  }
  write_text(options.description_file, dump_yaml(yaml));
  return description;
}

// After Ctrl-C the file is completed and closed before the program ends.
template <class Run>
void write_capture(Run frames, const std::string& file) {
  CaptureWriter writer(file, scenario_link);
  std::optional<InterruptHandler> interrupt(std::in_place);
  while (!interrupt->interrupted() && frames.next()) {
    writer.write(frames.time(), frames.octets(), frames.comment());
  }
  const bool interrupted = interrupt->interrupted();
  interrupt.reset();
  writer.close();
  if (interrupted) static_cast<void>(std::raise(SIGINT));
}

// Builds packets before the first one is sent, up to a limit, so that building them does not delay
// the sending. With --loop, they are built again only if they exceed the limit.
template <class NewRun>
ExitStatus send_packets(NewRun new_run, std::size_t per_handover, const SendOptions& options,
                        const Keyring& keys) {
  constexpr std::size_t most_octets = std::size_t{64} << 20;
  std::vector<std::pair<std::uint64_t, Octets>> prepared;
  std::size_t octets = 0;
  bool complete = false;  // `prepared` holds all packets
  auto first = new_run();
  while (octets < most_octets && !(complete = !first.next())) {
    const auto& packet = first.octets();
    prepared.emplace_back(first.time(), Octets(packet.begin(), packet.end()));
    octets += packet.size();
  }
  PacketSender sender(options, static_cast<double>(per_handover), false, keys);
  const auto send_prepared = [&] {
    return std::ranges::all_of(prepared, [&](const auto& entry) {
      return sender.send(entry.second, entry.first, scenario_link);
    });
  };
  const auto send_rest = [&](auto& run) {
    while (run.next()) {
      if (!sender.send(run.octets(), run.time(), scenario_link)) return false;
    }
    return true;
  };
  bool more = send_prepared() && (complete || send_rest(first));
  if (!complete) prepared = {};
  while (more && sender.loop() && !(complete && prepared.empty())) {
    sender.rewind();
    if (complete) {
      more = send_prepared();
    } else {
      auto again = new_run();
      more = send_rest(again);
    }
  }
  return sender.finish();
}

template <class NewRun>
ExitStatus write_output(NewRun new_run, std::size_t per_handover, const PacketOutput& output,
                        const Keyring& keys) {
  if (!output.file.empty()) write_capture(new_run(), output.file);
  if (output.hex) {
    for (auto frames = new_run(); frames.next();) fmt::print("{}\n", to_hex(frames.octets()));
  }
  if (!output.send.wanted()) return ExitStatus::ok;
  return send_packets(new_run, per_handover, output.send, keys);
}

template <class Run>
void print_document(const CodePoints& codepoints, Run frames) {
  DocumentWriter writer(codepoints, DocumentFormat::yaml,
                        [](std::string_view text) { fmt::print("{}", text); });
  while (frames.next()) writer.write(frames.document());
  writer.finish();
}

}  // namespace

Command generate_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<GenerateArguments>();
  app.add_option("SCENARIO", options->scenario, "scenario to generate (see 'secct list scenarios')")
      ->required();
  app.add_option("--handovers", options->handovers,
                 "generate N handovers, each of another mobile node")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--seed", options->seed, "use this seed; the same seed gives the same octets")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  options->malformed.add_to(app);
  app.add_option("--dut", options->dut,
                 "take addresses, SAs and keys from this router description (default: the built-in "
                 "description)")
      ->type_name("FILE");
  // add_flag() would set an optional to false if the flag is absent.
  app.add_flag_function(
      "--confidential,!--no-confidential",
      [options](std::int64_t count) { options->confidential = count > 0; },
      "transfer the contexts under ESP, or under AH with --no-confidential (default: as the "
      "description says)");
  app.add_flag("--no-data", options->no_data, "leave out the data packets of the mobile nodes");
  app.add_option(
         "--write-description", options->description_file,
         "write the router description of the scenario; it is also a key file for Wireshark")
      ->type_name("FILE");
  options->output.add_to(app);
  return [options, &global] {
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
    if (output.send.wanted() && !output.send.any_network) {
      require_harmless_addresses(description, options->dut);
    }
    if (!global.codepoints_file.empty()) description.codepoints = global.codepoints();
    const auto per_handover = frames_per_handover(*options, row, description);
    if (!options->malformed.given()) {
      if (output.wanted()) {
        const auto run = [&] {
          return FragmentedRun<ScenarioPrefetch>(row, description, options->handovers,
                                                 options->seed);
        };
        return write_output(run, per_handover, output, description.keyring());
      }
      print_document(
          description.codepoints,
          FragmentedRun<ScenarioRun>(row, description, options->handovers, options->seed));
      return ExitStatus::ok;
    }
    const auto messages = messages_of(*options, row, description);
    const auto run = [&] {
      auto handovers = options->handovers;
      auto injector = options->malformed.injector(description, messages, options->seed, handovers);
      return FragmentedRun<MalformedScenario>(row, description, handovers, options->seed,
                                              std::move(injector));
    };
    if (output.wanted()) {
      return write_output(run, per_handover, output, description.keyring());
    }
    print_document(description.codepoints, run());
    return ExitStatus::ok;
  };
}

}  // namespace secct::cli
