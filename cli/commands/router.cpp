// SPDX-License-Identifier: GPL-2.0-or-later
// secct router: the reference router on a real interface.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/override_options.hpp"
#include "files/yaml_reader.hpp"
#include "replay/router/router_process.hpp"

namespace secct::cli {
namespace {

struct Options {
  std::vector<std::string> dut;
  std::vector<std::string> roles;
  std::string interface;
  std::string mn_interface;
  OverrideOptions behaviour;
  bool quiet = false;
  double timing_scale = 0;
};

}  // namespace

Action router(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("--dut", options->dut,
                 "description of the router to play; several times for several routers")
      ->required()
      ->allow_extra_args(false);
  app.add_option("--interface", options->interface, "the interface towards the other router")
      ->required();
  app.add_option("--mn-interface", options->mn_interface,
                 "the interface towards the mobile nodes (default: the same)");
  app.add_option("--role", options->roles,
                 "nr, pr or fa, several times for several (default: what the description says)")
      ->allow_extra_args(false);
  app.add_option("--timing-scale", options->timing_scale, "multiplies every time")
      ->check(CLI::Range(0.001, 1000.0));
  app.add_flag("--quiet", options->quiet, "no line for each message on standard error");
  options->behaviour.add_to(app);
  return [options, &common] {
    HostOptions host;
    host.behaviour = options->behaviour.get();
    host.interface = options->interface;
    host.mn_interface = options->mn_interface;
    host.log = !options->quiet;
    for (const auto& name : options->roles) {
      const auto role = find_role(name);
      if (!role) throw UsageError(fmt::format("{}: no such role; there are nr, pr, fa", name));
      host.roles.push_back(*role);
    }
    for (const auto& file : options->dut) {
      auto& description = host.labs.emplace_back(common.description(file));
      if (options->timing_scale > 0) description.timing_scale = options->timing_scale;
    }
    serve(host);
    return Exit::ok;
  };
}

}  // namespace secct::cli
