// SPDX-License-Identifier: GPL-2.0-or-later
// secct selftest: runs the suite against the reference router, then against each of its faults.
#include "replay/selftest/selftest.hpp"

#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "files/output_file.hpp"
#include "files/yaml_reader.hpp"
#include "replay/suite/select.hpp"

namespace secct::cli {
namespace {

struct SelftestArguments {
  std::string dut;
  std::string suite;
  std::string json;
  std::vector<std::string> select;
  unsigned threads = 0;
  bool verbose = false;
};

}  // namespace

Command selftest_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<SelftestArguments>();
  app.add_option("--dut", options->dut,
                 "give the reference router this description (default: the built-in description)")
      ->type_name("FILE");
  app.add_option("--json", options->json, "write all results as JSON; - is standard output")
      ->type_name("FILE");
  app.add_option("--suite", options->suite,
                 "read the cases from this folder instead of the built-in suite")
      ->type_name("DIR");
  app.add_option("--select", options->select,
                 "run only cases that match (see 'secct run --help'); may be repeated")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  app.add_option("--threads", options->threads,
                 "test N faults at the same time (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  app.add_flag("--verbose", options->verbose, "print every case that detects a fault");
  return [options, &global] {
    auto cases = options->suite.empty() ? built_in_cases() : load_suites(options->suite);
    std::erase_if(cases, [&](const Case& c) { return !selected(c, options->select); });
    if (cases.empty()) throw UsageError("no case matches --select; see 'secct list cases'");
    const Progress progress("routers");
    const auto result = run_selftest(cases, global.description(options->dut), options->dut.empty(),
                                     options->threads, progress);
    progress.clear();
    if (options->json != "-") fmt::print("{}", to_text(result, options->verbose));
    if (!options->json.empty()) write_text(options->json, to_json(result));
    // A selection of cases need not detect every fault.
    const bool complete = options->select.empty();
    return !complete || result.good() ? ExitStatus::ok : ExitStatus::differs;
  };
}

}  // namespace secct::cli
