// SPDX-License-Identifier: GPL-2.0-or-later
// secct router: runs the reference router on a network interface.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/override_options.hpp"
#include "cli/send.hpp"
#include "files/yaml_reader.hpp"
#include "replay/router/router_process.hpp"
#include "replay/wire/described_addresses.hpp"

namespace secct::cli {
namespace {

struct RouterArguments {
  std::vector<std::string> dut;
  std::vector<std::string> roles;
  std::string interface;
  std::string mn_interface;
  OverrideOptions behaviour;
  bool quiet = false;
  bool any_network = false;
  double timing_scale = 0;
};

}  // namespace

Command router_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<RouterArguments>();
  app.add_option("--dut", options->dut,
                 "run the router of this description; repeat for more routers")
      ->type_name("FILE")
      ->required()
      ->allow_extra_args(false);
  app.add_option("--interface", options->interface, "network interface that faces the other router")
      ->type_name("IFACE")
      ->required();
  app.add_option("--mn-interface", options->mn_interface,
                 "network interface that faces the mobile nodes (default: that of --interface)")
      ->type_name("IFACE");
  app.add_option("--role", options->roles,
                 "play this role: nr, pr or fa; may be repeated (default: the roles of the "
                 "description)")
      ->type_name("ROLE")
      ->allow_extra_args(false);
  app.add_option("--timing-scale", options->timing_scale,
                 "multiply all timers by this factor (default: that of the description)")
      ->type_name("FACTOR")
      ->check(CLI::Range(0.001, 1000.0));
  app.add_flag("--quiet", options->quiet, "print no line for each message");
  add_any_network_flag(app, options->any_network);
  options->behaviour.add_to(app);
  return [options, &global] {
    RouterProcessOptions process;
    process.behaviour = options->behaviour.get();
    process.interface = options->interface;
    process.mn_interface = options->mn_interface;
    process.log = !options->quiet;
    process.any_network = options->any_network;
    for (const auto& name : options->roles) {
      const auto role = find_role(name);
      if (!role) throw UsageError(fmt::format("unknown role '{}'; expected nr, pr or fa", name));
      process.roles.push_back(*role);
    }
    for (const auto& file : options->dut) {
      auto& description = process.descriptions.emplace_back(global.description(file));
      if (options->timing_scale > 0) description.timing_scale = options->timing_scale;
      if (!options->any_network) require_harmless_addresses(description, file);
    }
    serve(process);
    return ExitStatus::ok;
  };
}

}  // namespace secct::cli
