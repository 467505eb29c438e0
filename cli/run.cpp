// SPDX-License-Identifier: GPL-2.0-or-later
// secct run: the conformance suite, against the embedded reference router or one on an interface.
#include <ctime>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/deviation.hpp"
#include "cli/progress.hpp"
#include "generator/lab.hpp"
#include "generator/yaml_reader.hpp"
#include "replay/engine.hpp"
#include "replay/report.hpp"
#include "replay/wire/wire_link.hpp"

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
  DeviationOptions deviation;
  bool strict = false;
  double timing_scale = 0;
  std::size_t jobs = 0;
};

Exit exit_of(const Report& report, bool strict) {
  const auto counts = report.count();
  const auto of = [&](Verdict v) { return counts[static_cast<std::size_t>(v)]; };
  if (of(Verdict::tool_error) > 0) return Exit::fault;
  if (of(Verdict::fail) > 0 || (strict && of(Verdict::non_strict) > 0)) return Exit::differs;
  if (of(Verdict::setup_fail) + of(Verdict::inconclusive) > 0) return Exit::setup;
  return Exit::ok;
}

// In one line what the router did wrong, and how the suite saw it.
std::string verdict_on(const FaultRow& fault, const Report& report) {
  for (const auto wanted : {Verdict::fail, Verdict::non_strict}) {
    for (const auto& entry : report.entries) {
      if (entry.verdict != wanted) continue;
      for (const auto& violation : entry.violations) {
        const auto& failure = violation.failure;
        if (!fault.violates(failure.clause)) continue;
        return fmt::format("{}: {} [{}]; seen by {}: {}", fault.name, fault.what, failure.clause,
                           entry.id, failure.reason());
      }
    }
  }
  return fmt::format("{}: {} [{}]; no case that was run shows it", fault.name, fault.what,
                     fault.clauses);
}

}  // namespace

Action run(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("--dut", options->dut, "description of the router under test");
  app.add_option("--interface", options->interface, "the interface towards it");
  app.add_option("--mn-interface", options->mn_interface,
                 "the interface towards its mobile nodes (default: the same)");
  app.add_option("--role", options->role, "only cases of this role: nr, pr, fa");
  app.add_option("--select", options->select,
                 "only these cases: part of an id, a clause, or a * pattern")
      ->allow_extra_args(false);
  app.add_option("--suite", options->suite, "cases of this folder instead of the built-in ones");
  app.add_flag("--strict", options->strict, "NON-STRICT fails the run");
  app.add_option("--timing-scale", options->timing_scale, "multiplies every time")
      ->check(CLI::Range(0.001, 1000.0));
  app.add_option("--jobs", options->jobs, "cases at once (default: all)")
      ->check(CLI::NonNegativeNumber);
  options->deviation.add_to(app);
  app.add_option("--report-dir", options->report_dir,
                 "report.json, report.xml, report.html, a capture per case");
  return [options, &common] {
    auto lab = options->dut.empty() ? default_lab() : load_lab(options->dut);
    if (!options->dut.empty() && options->interface.empty()) {
      throw UsageError("run: --dut needs --interface, the interface towards the router");
    }
    if (options->dut.empty() && !options->interface.empty()) {
      throw UsageError("run: --interface needs --dut, the description of the router under test");
    }
    const auto deviation = options->deviation.get();
    if (!options->interface.empty() && !deviation.none()) {
      throw UsageError(
          "run: --fault and --variation are for the embedded router; a router on an "
          "interface is told so itself (secct router --fault)");
    }
    if (!common.codepoints_file.empty()) lab.codepoints = common.codepoints();
    if (options->timing_scale > 0) lab.timing_scale = options->timing_scale;
    const auto role = options->role.empty() ? std::nullopt : find_role(options->role);
    if (!options->role.empty() && !role) {
      throw UsageError(fmt::format("{}: no such role; there are nr, pr, fa", options->role));
    }
    std::vector<Case> cases;
    auto all_cases = options->suite.empty() ? built_in_cases() : load_suites(options->suite);
    for (auto& c : all_cases) {
      if (selected(c, options->select) && (!role || c.role == *role)) {
        cases.push_back(std::move(c));
      }
    }
    if (cases.empty()) {
      throw UsageError(fmt::format("no case fits{}{}; 'secct list cases' shows them",
                                   options->select.empty() ? "" : " --select ",
                                   fmt::join(options->select, " ")));
    }
    const EngineOptions engine{
        .deviation = deviation, .jobs = options->jobs, .progress = Progress("cases")};
    const auto started = std::time(nullptr);
    std::vector<CaseResult> results;
    if (options->interface.empty()) {
      results = run_embedded(cases, lab, engine);
    } else {
      WireLink link(lab, options->interface, options->mn_interface);
      results = run_live(cases, lab, link, engine);
    }
    auto report = make_report(lab, cases, std::move(results));
    report.started = static_cast<std::uint64_t>(started);
    report.strict = options->strict;
    fmt::print("{}", to_table(report, common.color()));
    if (deviation.fault != Fault::none) {
      fmt::print("{}\n", verdict_on(row(deviation.fault), report));
    }
    if (!options->report_dir.empty()) write_reports(report, options->report_dir);
    return exit_of(report, options->strict);
  };
}

}  // namespace secct::cli
