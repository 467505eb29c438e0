// SPDX-License-Identifier: GPL-2.0-or-later
// secct run: the conformance suite, against the embedded reference router or one on an interface.
#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/override_options.hpp"
#include "cli/progress.hpp"
#include "files/yaml_reader.hpp"
#include "generator/description/router_description.hpp"
#include "generator/transmit/port.hpp"
#include "network/datagram.hpp"
#include "replay/report/ladder.hpp"
#include "replay/report/report.hpp"
#include "replay/selftest/selftest.hpp"
#include "replay/suite/expectations.hpp"
#include "replay/suite/select.hpp"
#include "replay/tester/engine.hpp"
#include "replay/tester/wire_link.hpp"

namespace secct::cli {
namespace {

struct Options {
  std::string dut;
  std::string interface;
  std::string mn_interface;
  std::string suite;
  std::string role;
  std::string report_dir;
  std::vector<std::string> select;
  OverrideOptions behaviour;
  std::string expect;
  std::string failed_from;
  bool strict = false;
  bool dry_run = false;
  bool embedded = false;
  unsigned retries = 0;
  double timing_scale = 0;
  std::size_t jobs = 0;
};

// docs/cli.md, "Exit status".
Exit exit_of(std::span<const CaseResult> results, std::span<const Difference> differences) {
  const auto any = [](const auto& list, auto of, std::initializer_list<Verdict> verdicts) {
    return std::ranges::any_of(list, [&](const auto& entry) {
      return std::ranges::find(verdicts, entry.*of) != verdicts.end();
    });
  };
  if (any(results, &CaseResult::verdict, {Verdict::tool_error})) return Exit::fault;
  const auto broken = {Verdict::setup_fail, Verdict::inconclusive};
  const bool other = std::ranges::any_of(differences, [&](const auto& difference) {
    return std::ranges::find(broken, difference.found) == broken.end();
  });
  if (other) return Exit::differs;
  return differences.empty() ? Exit::ok : Exit::setup;
}

std::vector<Case> chosen_cases(const Options& options, std::span<const Case> all) {
  const auto role = options.role.empty() ? std::nullopt : find_role(options.role);
  if (!options.role.empty() && !role) {
    throw UsageError(fmt::format("{}: no such role; there are nr, pr, fa", options.role));
  }
  std::optional<std::vector<std::string>> failed;
  if (!options.failed_from.empty()) failed = failed_in(options.failed_from);
  std::vector<Case> cases;
  for (const auto& c : all) {
    const bool wanted = !failed || std::ranges::find(*failed, c.id) != failed->end();
    if (wanted && selected(c, options.select) && (!role || c.role == *role)) cases.push_back(c);
  }
  if (!cases.empty()) return cases;
  if (failed && failed->empty()) {
    throw UsageError(options.failed_from + ": every case passed; nothing to run again");
  }
  throw UsageError(fmt::format("no case fits{}{}; 'secct list cases' shows them",
                               options.select.empty() ? "" : " --select ",
                               fmt::join(options.select, " ")));
}

// What would be sent, if the router answered as the reference router does.
void print_dry_run(const RouterDescription& description, std::span<const Case> cases,
                   std::span<const CaseResult> results) {
  const auto keys = description.keyring();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    fmt::print("{}  {}\n", cases[i].id, cases[i].title);
    if (results[i].verdict == Verdict::unsupported) {
      fmt::print("  nothing: {}\n", results[i].failure.text);
    }
    const auto& packets = results[i].packets;
    for (const auto& packet : packets) {
      if (packet.from_router) continue;
      const auto datagram = parse_datagram(packet.datagram);
      const auto seconds = static_cast<double>(packet.time - packets.front().time) / 1e9;
      fmt::print("  {:>8.3f} s  {} -> {}  {}\n", seconds,
                 datagram ? to_text(datagram->source) : "?",
                 datagram ? to_text(datagram->destination) : "?",
                 packet_line(description, keys, packet.datagram));
    }
  }
}

void print_differences(std::span<const Difference> differences, const std::string& file) {
  fmt::print("{}: {}\n", file,
             differences.empty() ? "as expected" : fmt::format("{} differ", differences.size()));
  for (const auto& difference : differences) {
    fmt::print("  {}: expected {}{}{}, found {}\n", difference.id, name(difference.expected),
               difference.reason.empty() ? "" : ": ", difference.reason, name(difference.found));
  }
}

// Whether the router is again what its description tells.
bool restore(WireLink& link) {
  try {
    link.restore();
    return true;
  } catch (const SetupError& error) {
    fmt::print(stderr, "secct: the router is left as the last cases needed it: {}\n", error.what());
    return false;
  }
}

}  // namespace

Action run(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("--dut", options->dut, "description of the router under test");
  app.add_option("--interface", options->interface, "the interface towards it");
  app.add_flag("--embedded", options->embedded,
               "the reference router in this program, with the description given by --dut");
  app.add_option("--mn-interface", options->mn_interface,
                 "the interface towards its mobile nodes (default: the same)");
  app.add_option("--role", options->role, "only cases of this role: nr, pr, fa");
  app.add_option("--select", options->select,
                 "only these cases: part of an id, or a * pattern of an id, clause, section, "
                 "role or tag; one of them by clause:PATTERN, section:, role:, tag:, id:, title:")
      ->allow_extra_args(false);
  app.add_option("--suite", options->suite, "cases of this folder instead of the built-in ones");
  app.add_flag("--strict", options->strict, "NON-STRICT fails the run");
  app.add_option("--timing-scale", options->timing_scale, "multiplies every time")
      ->check(CLI::Range(0.001, 1000.0));
  app.add_option("--jobs", options->jobs, "cases at once (default: all)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--retries", options->retries,
                 "how often a case that does not pass is run again; one that passes then is FLAKY")
      ->check(CLI::Range(0, 100));
  app.add_option("--expect", options->expect,
                 "verdicts that are known: id, verdict, reason (YAML)");
  app.add_option("--failed-from", options->failed_from,
                 "only the cases that did not pass in this report.json");
  app.add_flag("--dry-run", options->dry_run, "print what would be sent, and send nothing");
  options->behaviour.add_to(app);
  app.add_option("--report-dir", options->report_dir,
                 "report.json, report.xml, report.html, a capture per case");
  return [options, &common] {
    auto description = common.description(options->dut);
    if (options->embedded && !options->interface.empty()) {
      throw UsageError("run: --embedded takes no --interface: the router is in this program");
    }
    if (!options->dut.empty() && options->interface.empty() && !options->dry_run &&
        !options->embedded) {
      throw UsageError(
          "run: --dut needs --interface, the interface towards the router, or --embedded");
    }
    if (options->dut.empty() && !options->interface.empty()) {
      throw UsageError("run: --interface needs --dut, the description of the router under test");
    }
    if (options->dut == "-" && !description.hooks.configure.empty()) {
      throw UsageError("run: hooks.configure needs --dut FILE, not standard input");
    }
    const auto behaviour = options->behaviour.get();
    if (!options->interface.empty() && !behaviour.none()) {
      throw UsageError(
          "run: --fault and --variation are for the embedded router; a router on an "
          "interface is told so itself (secct router --fault)");
    }
    if (options->timing_scale > 0) description.timing_scale = options->timing_scale;
    const auto all = options->suite.empty() ? built_in_cases() : load_suites(options->suite);
    std::vector<Expectation> expectations;
    if (!options->expect.empty()) expectations = load_expectations(options->expect, all);
    const auto cases = chosen_cases(*options, all);
    const EngineOptions engine{.behaviour = behaviour,
                               .jobs = options->jobs,
                               .retries = options->retries,
                               .progress = Progress("cases")};
    const auto started = std::time(nullptr);
    std::vector<CaseResult> results;
    bool restored = true;
    if (options->dut.empty() || options->embedded) {
      results = run_embedded(cases, description, engine);
    } else if (options->dry_run) {
      MemoryLink link(description, description.roles);
      results = run_live(cases, description, link, engine);
    } else {
      WireLink link(description, options->interface, options->mn_interface, options->dut);
      results = run_live(cases, description, link, engine);
      restored = restore(link);
    }
    if (options->dry_run) {
      print_dry_run(description, cases, results);
      return Exit::ok;
    }
    const auto differ = differences(cases, results, expectations, options->strict);
    auto exit = exit_of(results, differ);
    if (exit == Exit::ok && !restored) exit = Exit::setup;
    const auto seen = behaviour.fault == Fault::none
                          ? std::string()
                          : seen_in(row(behaviour.fault), cases, results) + "\n";
    auto report = make_report(description, cases, std::move(results));
    report.started = static_cast<std::uint64_t>(started);
    report.strict = options->strict;
    fmt::print("{}", to_table(report, common.color()));
    fmt::print("{}", seen);
    if (!options->report_dir.empty()) write_reports(report, options->report_dir);
    if (!options->expect.empty()) print_differences(differ, options->expect);
    return exit;
  };
}

}  // namespace secct::cli
