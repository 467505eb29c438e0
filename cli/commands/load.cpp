// SPDX-License-Identifier: GPL-2.0-or-later
// secct load: measures handovers per second and latency percentiles.
#include "replay/load/load.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "cli/send.hpp"
#include "files/diagnostics.hpp"
#include "files/output_file.hpp"
#include "files/yaml_reader.hpp"
#include "replay/load/direct_link.hpp"
#include "replay/tester/initial_sequence_numbers.hpp"
#include "replay/tester/setup_check.hpp"
#include "replay/tester/wire_link.hpp"
#include "replay/wire/described_addresses.hpp"

namespace secct::cli {
namespace {

struct LoadArguments {
  std::string dut;
  bool embedded = false;
  std::string interface;
  std::string mn_interface;
  std::string scenario = "reactive";
  std::string role = "nr";
  std::string json;
  bool any_network = false;
  std::optional<std::uint32_t> first_mobile_node;
  LoadOptions load;
};

// Chooses mobile nodes and checks the set-up, so that the tester continues after the sequence
// numbers and mobile nodes of earlier runs.
void prepare(const LoadArguments& options, RouterDescription& description, Link& link,
             MobileNodePool& pool) {
  const auto role = options.load.role;
  // A new router knows no mobile nodes: the tester may use all numbers.
  if (role == Role::nr) description = description.with_all_mobile_nodes();
  set_initial_sequence_numbers(description, link.now());
  constexpr double usual_rate = 2000;  // handovers per second
  const auto rate = options.load.rate > 0 ? options.load.rate : usual_rate;
  const auto count = description.mobile_node_count;
  const auto wanted = std::min(rate * options.load.duration, static_cast<double>(count) / 2);
  pool.reserve({1, count}, role, static_cast<std::uint32_t>(wanted) + 1);
  const SetupOptions setup{
      {role},
      options.first_mobile_node,
      [&](const std::string& path) { return place_in(options.dut, path); },
      [](const std::string& sentence) { files::print_diagnostic("{}\n", sentence); }};
  start_mobile_nodes(pool, link, setup);
  Counters counters;
  auto identifier = static_cast<std::uint16_t>(link.now() >> 20);
  SetupCheck check(description, link, counters, identifier);
  run_setup_check(check, pool, link, setup);
  for (auto& sa : description.router_sas) {
    const auto [protocol, spi] = std::pair(sa.sa.protocol, sa.sa.spi);
    if (!sa.from_dut && counters.used(protocol, spi)) sa.sequence = counters.next(protocol, spi);
  }
}

}  // namespace

Command load_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<LoadArguments>();
  app.add_option("--dut", options->dut, "read the description of the router under test")
      ->type_name("FILE");
  app.add_option("--interface", options->interface, "network interface that faces the router")
      ->type_name("IFACE");
  app.add_flag("--embedded", options->embedded,
               "measure the embedded reference router, without a network");
  app.add_option("--mn-interface", options->mn_interface,
                 "network interface that faces the mobile nodes (default: that of --interface)")
      ->type_name("IFACE");
  app.add_option("--scenario", options->scenario, "perform predictive or reactive handovers")
      ->type_name("NAME")
      ->capture_default_str()
      ->check(CLI::IsMember({"predictive", "reactive"}));
  app.add_option("--role", options->role, "role of the router under test: nr or pr")
      ->type_name("ROLE")
      ->capture_default_str()
      ->check(CLI::IsMember({"nr", "pr"}));
  app.add_option("--rate", options->load.rate,
                 "start N handovers per second (default: as fast as the router answers)")
      ->type_name("N")
      ->check(CLI::Range(0.001, 1e6));
  app.add_option("--duration", options->load.duration, "start handovers for this time")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->check(CLI::Range(0.001, 1e6));
  app.add_option("--open", options->load.most_open, "without --rate: keep N handovers in progress")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, 60000));
  app.add_option("--first-mobile-node", options->first_mobile_node,
                 "number of the first mobile node (default: 1 for a router in its initial state, "
                 "otherwise a random one)")
      ->type_name("N")
      ->check(CLI::Range(1U, UINT32_MAX));
  add_any_network_flag(app, options->any_network);
  app.add_option("--json", options->json, "write the report as JSON; - is standard output")
      ->type_name("FILE");
  return [options, &global] {
    if (options->embedded == !options->interface.empty()) {
      throw UsageError("load: expected either --interface IFACE or --embedded");
    }
    if (options->dut.empty() && !options->embedded) {
      throw UsageError(
          "load: --interface needs --dut FILE, the description of the router under test");
    }
    auto description = global.description(options->dut);
    auto& load = options->load;
    load.kind = options->scenario == "predictive" ? LoadKind::predictive : LoadKind::reactive;
    load.role = *find_role(options->role);
    const InterruptHandler interrupt;
    load.stop = &interrupt.flag();
    const Progress progress;
    load.progress = [&progress](const LoadReport& report) {
      progress.show(fmt::format("{:.0f} s: {} started, {} completed, {} lost, {:.0f} handovers/s",
                                report.seconds, report.started, report.completed, report.lost,
                                report.rate()));
    };
    const Role roles[] = {load.role};
    std::unique_ptr<Link> link;
    MobileNodePool pool;
    if (options->embedded) {
      link = std::make_unique<DirectLink>(description, roles);
      load.next_mobile_node = [next = options->first_mobile_node.value_or(1),
                               last = description.mobile_node_count]() mutable {
        return next > last ? std::nullopt : std::optional(next++);
      };
    } else {
      if (!options->any_network) require_harmless_addresses(description, options->dut);
      link = std::make_unique<WireLink>(
          description,
          WireLinkOptions{options->interface, options->mn_interface, "", options->any_network});
      prepare(*options, description, *link, pool);
      load.next_mobile_node = [&, range = MobileNodeRange{1, description.mobile_node_count}] {
        return pool.take(range, load.role);
      };
    }
    const auto report = run_load(description, *link, load);
    progress.clear();
    if (options->json != "-") fmt::print("{}", report.to_text());
    if (!options->json.empty()) write_text(options->json, report.to_json());
    for (const auto& sentence : link->notes()) print_diagnostic("{}\n", sentence);
    return report.completed > 0 ? ExitStatus::ok : ExitStatus::setup;
  };
}

}  // namespace secct::cli
