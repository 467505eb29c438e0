// SPDX-License-Identifier: GPL-2.0-or-later
// secct load: handovers per second, latency percentiles.
#include "replay/load/load.hpp"

#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "files/output_file.hpp"
#include "files/yaml_reader.hpp"
#include "replay/load/direct_link.hpp"
#include "replay/tester/engine.hpp"
#include "replay/tester/wire_link.hpp"

namespace secct::cli {
namespace {

struct Options {
  std::string dut;
  bool embedded = false;
  std::string interface;
  std::string mn_interface;
  std::string scenario = "reactive";
  std::string role = "nr";
  std::string json;
  LoadOptions load;
};

}  // namespace

Action load(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("--dut", options->dut, "description of the router under test");
  app.add_option("--interface", options->interface, "the interface towards it");
  app.add_flag("--embedded", options->embedded,
               "the reference router in this program: how fast it is without a network");
  app.add_option("--mn-interface", options->mn_interface,
                 "the interface towards its mobile nodes (default: the same)");
  app.add_option("--scenario", options->scenario, "predictive or reactive")
      ->check(CLI::IsMember({"predictive", "reactive"}));
  app.add_option("--role", options->role, "of the router under test: nr or pr")
      ->check(CLI::IsMember({"nr", "pr"}));
  app.add_option("--rate", options->load.rate,
                 "handovers per second (default: as fast as it answers)")
      ->check(CLI::Range(0.001, 1e6));
  app.add_option("--duration", options->load.duration, "seconds of starting handovers")
      ->check(CLI::Range(0.001, 1e6));
  app.add_option("--open", options->load.most_open, "handovers at once where there is no --rate")
      ->check(CLI::Range(1, 60000));
  app.add_option("--first-mobile-node", options->load.first_mobile_node,
                 "the first mobile node's number: a second run takes others")
      ->check(CLI::Range(1U, UINT32_MAX));
  app.add_option("--json", options->json,
                 "the report as JSON into this file, - for standard output");
  return [options, &common] {
    if (options->embedded == !options->interface.empty()) {
      throw UsageError("load: --interface, the interface towards the router, or --embedded");
    }
    if (options->dut.empty() && !options->embedded) {
      throw UsageError("load: --interface needs --dut, the description of the router under test");
    }
    auto description = common.description(options->dut);
    auto& load = options->load;
    load.kind = options->scenario == "predictive" ? LoadKind::predictive : LoadKind::reactive;
    load.role = *find_role(options->role);
    const Interruptible interruptible;
    load.stop = &interruptible.flag();
    const Progress progress;
    load.progress = [&progress](const LoadReport& report) {
      progress.show(fmt::format("{:.0f} s: {} started, {} completed, {} lost, {:.0f} handovers/s",
                                report.seconds, report.started, report.completed, report.lost,
                                report.rate()));
    };
    const Role roles[] = {load.role};
    std::unique_ptr<Link> link;
    if (options->embedded) {
      link = std::make_unique<DirectLink>(description, roles);
    } else {
      link = std::make_unique<WireLink>(description, options->interface, options->mn_interface);
      number_sequences(description, link->now());
    }
    const auto report = run_load(description, *link, load);
    progress.wipe();
    if (options->json != "-") fmt::print("{}", report.to_text());
    if (!options->json.empty()) write_text(options->json, report.to_json());
    return report.completed > 0 ? Exit::ok : Exit::setup;
  };
}

}  // namespace secct::cli
