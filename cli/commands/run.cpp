// SPDX-License-Identifier: GPL-2.0-or-later
// secct run: runs the conformance suite against the embedded reference router or a router on an
// interface.
#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "cli/commands/dry_run.hpp"
#include "cli/override_options.hpp"
#include "cli/progress.hpp"
#include "cli/send.hpp"
#include "files/diagnostics.hpp"
#include "files/escape.hpp"
#include "files/yaml_reader.hpp"
#include "generator/description/router_description.hpp"
#include "generator/transmit/port.hpp"
#include "replay/report/report.hpp"
#include "replay/selftest/selftest.hpp"
#include "replay/suite/expectations.hpp"
#include "replay/suite/select.hpp"
#include "replay/tester/run_suite.hpp"
#include "replay/tester/wire_link.hpp"
#include "replay/wire/described_addresses.hpp"

namespace secct::cli {
namespace {

struct RunArguments {
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
  bool any_network = false;
  bool embedded = false;
  unsigned retries = 0;
  double timing_scale = 0;
  std::optional<std::size_t> jobs;
  std::string rate;
  std::optional<std::uint32_t> first_mobile_node;
};

// The load that a router on an interface gets without --jobs and --rate: the control plane of a
// router often limits the packets that it accepts.
constexpr std::size_t default_jobs = 32;
constexpr double default_rate = 500;

// docs/cli.md, "Exit status".
ExitStatus exit_of(std::span<const CaseResult> results, std::span<const Difference> differences) {
  const auto any = [](const auto& list, auto of, std::initializer_list<Verdict> verdicts) {
    return std::ranges::any_of(list, [&](const auto& entry) {
      return std::ranges::find(verdicts, entry.*of) != verdicts.end();
    });
  };
  if (any(results, &CaseResult::verdict, {Verdict::tool_error})) return ExitStatus::internal_error;
  const auto broken = {Verdict::setup_fail, Verdict::inconclusive};
  const bool other = std::ranges::any_of(differences, [&](const auto& difference) {
    return std::ranges::find(broken, difference.found) == broken.end();
  });
  if (other) return ExitStatus::differs;
  return differences.empty() ? ExitStatus::ok : ExitStatus::setup;
}

double rate_of(const RunArguments& options) {
  if (options.rate.empty()) return default_rate;
  if (options.interface.empty()) {
    throw UsageError("run: --rate needs --interface; the embedded router has no rate");
  }
  if (options.rate == "max") return 0;
  const auto rate = to_real(options.rate);
  if (!rate || !(*rate >= 1 && *rate <= 1e6)) {
    throw UsageError(
        fmt::format("run: --rate: expected packets per second (1 to 1000000) or max, found '{}'",
                    options.rate));
  }
  return *rate;
}

std::vector<Case> select_cases(const RunArguments& options, std::span<const Case> all) {
  const auto role = options.role.empty() ? std::nullopt : find_role(options.role);
  if (!options.role.empty() && !role) {
    throw UsageError(fmt::format("unknown role '{}'; expected nr, pr or fa", options.role));
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
    throw UsageError(options.failed_from + ": every case in this report passed");
  }
  throw UsageError(fmt::format("no case matches{}{}; see 'secct list cases'",
                               options.select.empty() ? "" : " --select ",
                               fmt::join(options.select, " ")));
}

void print_differences(std::span<const Difference> differences, const std::string& file) {
  if (differences.empty()) {
    print_escaped("{}: all verdicts are as expected\n", file);
  } else {
    print_escaped("{}: {} verdict{} not as expected\n", file, differences.size(),
                  differences.size() == 1 ? " is" : "s are");
  }
  for (const auto& difference : differences) {
    print_escaped("  {}: expected {}{}{}, found {}\n", difference.id, name(difference.expected),
                  difference.reason.empty() ? "" : ": ", difference.reason, name(difference.found));
  }
}

void add_note(std::vector<std::string>& notes, const std::string& sentence) {
  if (std::ranges::find(notes, sentence) == notes.end()) notes.push_back(sentence);
}

// Restores the configuration that the description gives. False if a hook fails.
bool restore_router(WireLink& link) {
  try {
    link.restore();
    return true;
  } catch (const SetupError& error) {
    print_diagnostic("secct: the router keeps the configuration of the last cases: {}\n",
                     error.what());
    return false;
  }
}

}  // namespace

Command run_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<RunArguments>();
  app.add_option(
         "--dut", options->dut,
         "read the description of the router under test (default: the built-in description)")
      ->type_name("FILE");
  app.add_option("--interface", options->interface, "network interface that faces the router")
      ->type_name("IFACE");
  app.add_flag("--embedded", options->embedded,
               "test the embedded reference router with the description of --dut");
  app.add_option("--mn-interface", options->mn_interface,
                 "network interface that faces the mobile nodes (default: that of --interface)")
      ->type_name("IFACE");
  app.add_option("--role", options->role, "run only cases of this role: nr, pr or fa")
      ->type_name("ROLE");
  app.add_option("--select", options->select,
                 "run only cases that match: a part of the case id, or a pattern (*, ?) of the "
                 "id, a clause, section, role or tag; the prefixes id:, clause:, section:, role:, "
                 "tag: and title: restrict the match; may be repeated")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  app.add_option("--suite", options->suite,
                 "read the cases from this folder instead of the built-in suite")
      ->type_name("DIR");
  app.add_flag("--strict", options->strict, "count NON-STRICT as a failure");
  app.add_option("--timing-scale", options->timing_scale,
                 "multiply all timers by this factor (default: that of the description)")
      ->type_name("FACTOR")
      ->check(CLI::Range(0.001, 1000.0));
  app.add_option("--jobs", options->jobs,
                 fmt::format("run at most N cases at the same time; 0: all (default: {} with "
                             "--interface, otherwise all)",
                             default_jobs))
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--rate", options->rate,
                 fmt::format("with --interface: send at most N packets per second, or max for no "
                             "limit (default: {:.0f})",
                             default_rate))
      ->type_name("RATE");
  app.add_option("--first-mobile-node", options->first_mobile_node,
                 "number of the first mobile node (default: 1 for a router in its initial state, "
                 "otherwise a random one)")
      ->type_name("N")
      ->check(CLI::Range(1U, UINT32_MAX));
  app.add_option("--retries", options->retries,
                 "repeat a case that does not pass up to N times; it is FLAKY if it passes then")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0, 100));
  app.add_option("--expect", options->expect,
                 "compare the verdicts with those of this file (YAML: id, verdict, reason)")
      ->type_name("FILE");
  app.add_option("--failed-from", options->failed_from,
                 "run only the cases that did not pass in this report.json")
      ->type_name("FILE");
  add_any_network_flag(app, options->any_network);
  app.add_flag("--dry-run", options->dry_run,
               "print the packets that would be sent, and send none");
  options->behaviour.add_to(app);
  app.add_option(
         "--report-dir", options->report_dir,
         "write report.json, report.xml, report.html and a capture of each case to this folder")
      ->type_name("DIR");
  return [options, &global] {
    auto description = global.description(options->dut);
    if (options->embedded && !options->interface.empty()) {
      throw UsageError("run: --embedded and --interface exclude each other");
    }
    if (!options->dut.empty() && options->interface.empty() && !options->dry_run &&
        !options->embedded) {
      throw UsageError(
          "run: --dut needs --interface IFACE (the interface that faces the router) or --embedded");
    }
    if (options->dut.empty() && !options->interface.empty()) {
      throw UsageError(
          "run: --interface needs --dut FILE, the description of the router under test");
    }
    if (options->dut == "-" && !description.hooks.configure.empty()) {
      throw UsageError(
          "run: a description with hooks.configure cannot be read from standard input");
    }
    const auto behaviour = options->behaviour.get();
    if (!options->interface.empty() && !behaviour.none()) {
      throw UsageError(
          "run: --fault and --variation change the embedded router only; for a router on an "
          "interface, give them to 'secct router'");
    }
    if (options->timing_scale > 0) description.timing_scale = options->timing_scale;
    const auto all = options->suite.empty() ? built_in_cases() : load_suites(options->suite);
    std::vector<Expectation> expectations;
    if (!options->expect.empty()) expectations = load_expectations(options->expect, all);
    const auto cases = select_cases(*options, all);
    const bool live = !options->interface.empty();
    std::vector<std::string> notes;
    EngineOptions engine{.behaviour = behaviour,
                         .jobs = options->jobs.value_or(live ? default_jobs : 0),
                         .rate = rate_of(*options),
                         .retries = options->retries,
                         .first_mobile_node = options->first_mobile_node,
                         .check_setup = live};
    engine.locate = [&](const std::string& path) { return place_in(options->dut, path); };
    engine.note = [&](const std::string& sentence) { add_note(notes, sentence); };
    engine.progress = Progress("cases");
    const auto started = std::time(nullptr);
    std::vector<CaseResult> results;
    bool restored = true;
    if (options->dut.empty() || options->embedded) {
      results = run_embedded(cases, description, engine);
    } else if (options->dry_run) {
      MemoryLink link(description, description.roles);
      results = run_live(cases, description, link, engine);
    } else {
      if (!options->any_network) require_harmless_addresses(description, options->dut);
      WireLink link(description, {options->interface, options->mn_interface, options->dut,
                                  options->any_network});
      results = run_live(cases, description, link, engine);
      restored = restore_router(link);
      for (const auto& sentence : link.notes()) add_note(notes, sentence);
    }
    if (options->dry_run) {
      print_dry_run(description, cases, results);
      return ExitStatus::ok;
    }
    const auto differ = differences(cases, results, expectations, options->strict);
    auto exit = exit_of(results, differ);
    if (exit == ExitStatus::ok && !restored) exit = ExitStatus::setup;
    const auto seen = behaviour.fault == Fault::none
                          ? std::string()
                          : fault_summary(row(behaviour.fault), cases, results) + "\n";
    auto report = make_report(description, cases, std::move(results));
    report.started = static_cast<std::uint64_t>(started);
    report.strict = options->strict;
    report.notes = std::move(notes);
    if (exit == ExitStatus::ok && nothing_judged(report)) exit = ExitStatus::setup;
    fmt::print("{}", to_table(report, global.color()));
    fmt::print("{}", seen);
    if (!options->report_dir.empty()) write_reports(report, options->report_dir);
    if (!options->expect.empty()) print_differences(differ, options->expect);
    return exit;
  };
}

}  // namespace secct::cli
