// SPDX-License-Identifier: GPL-2.0-or-later
// secct run: the conformance suite against the embedded reference router.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "generator/lab.hpp"
#include "generator/yaml_reader.hpp"
#include "replay/engine.hpp"
#include "replay/report.hpp"

namespace secct::cli {
namespace {

struct Options {
  std::string dut;
  std::string interface;
  std::string suite;
  std::string role;
  std::string report_dir;
  std::vector<std::string> select;
  std::string fault;
  std::string variation;
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

template <typename Row>
const Row& by_name(std::string_view what, const std::string& wanted, const Row* found,
                   std::span<const Row> rows) {
  if (found != nullptr) return *found;
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.push_back(row.name);
  throw UsageError(fmt::format("{}: no such {}{}; 'secct list faults' shows them", wanted, what,
                               suggestion(wanted, names)));
}

Deviation deviation_of(const Options& options) {
  Deviation deviation;
  if (!options.fault.empty() && !options.variation.empty()) {
    throw UsageError("run: --fault and --variation exclude each other");
  }
  if (!options.fault.empty()) {
    deviation.fault = by_name("fault", options.fault, find_fault(options.fault), faults()).id;
  }
  if (!options.variation.empty()) {
    deviation.variation =
        by_name("variation", options.variation, find_variation(options.variation), variations()).id;
  }
  return deviation;
}

// In one line what the router did wrong, and how the suite saw it.
std::string verdict_on(const FaultRow& fault, const Report& report) {
  for (const auto wanted : {Verdict::fail, Verdict::non_strict}) {
    for (std::size_t i = 0; i < report.cases.size(); ++i) {
      const auto& result = report.results[i];
      if (result.verdict != wanted || !fault.violates(result.failure.clause)) continue;
      return fmt::format("{}: {} [{}]; seen by {}: {}", fault.name, fault.what,
                         result.failure.clause, report.cases[i].id, result.failure.reason());
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
  app.add_option("--fault", options->fault, "the embedded router with this fault");
  app.add_option("--variation", options->variation, "the embedded router with this variation");
  app.add_option("--report-dir", options->report_dir,
                 "report.json, report.xml, a capture per case");
  return [options, &common] {
    auto lab = options->dut.empty() ? default_lab() : load_lab(options->dut);
    if (!options->dut.empty() && options->interface.empty()) {
      throw UsageError("run: --dut needs --interface, the interface towards the router");
    }
    if (!options->interface.empty()) {
      throw UsageError(
          "run: a router on an interface is not supported yet; without --dut and "
          "--interface the suite runs against the embedded router");
    }
    const auto deviation = deviation_of(*options);
    if (!common.codepoints_file.empty()) lab.codepoints = common.codepoints();
    if (options->timing_scale > 0) lab.timing_scale = options->timing_scale;
    const auto role = options->role.empty() ? std::nullopt : find_role(options->role);
    if (!options->role.empty() && !role) {
      throw UsageError(fmt::format("{}: no such role; there are nr, pr, fa", options->role));
    }
    Report report;
    report.dut = lab.name;
    auto cases = options->suite.empty() ? built_in_cases() : load_suites(options->suite);
    for (auto& c : cases) {
      if (selected(c, options->select) && (!role || c.role == *role)) {
        report.cases.push_back(std::move(c));
      }
    }
    if (report.cases.empty()) {
      throw UsageError(fmt::format("no case fits{}{}; 'secct list cases' shows them",
                                   options->select.empty() ? "" : " --select ",
                                   fmt::join(options->select, " ")));
    }
    report.results = run_embedded(report.cases, lab,
                                  {.deviation = deviation, .jobs = options->jobs, .progress = {}});
    fmt::print("{}", to_table(report, common.color()));
    if (deviation.fault != Fault::none) {
      fmt::print("{}\n", verdict_on(row(deviation.fault), report));
    }
    if (!options->report_dir.empty()) write_reports(report, options->report_dir);
    return exit_of(report, options->strict);
  };
}

}  // namespace secct::cli
