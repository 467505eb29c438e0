// SPDX-License-Identifier: GPL-2.0-or-later
// secct selftest: the suite against the reference router, then against each of its faults.
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

struct Options {
  std::string suite;
  std::string json;
  std::vector<std::string> select;
  unsigned threads = 0;
  bool verbose = false;
};

}  // namespace

Action selftest(CLI::App& app, const Common&) {
  auto options = std::make_shared<Options>();
  app.add_option("--json", options->json, "the whole matrix as JSON; - is standard output");
  app.add_option("--suite", options->suite, "cases of this folder instead of the built-in ones");
  app.add_option("--select", options->select,
                 "only these cases: part of an id, a clause, or a * pattern")
      ->allow_extra_args(false);
  app.add_option("--threads", options->threads, "faults at once (default: one per core)")
      ->check(CLI::Range(1, 256));
  app.add_flag("--verbose", options->verbose, "every case of every fault");
  return [options] {
    auto cases = options->suite.empty() ? built_in_cases() : load_suites(options->suite);
    std::erase_if(cases, [&](const Case& c) { return !selected(c, options->select); });
    if (cases.empty()) throw UsageError("no case fits; 'secct list cases' shows them");
    const Progress progress("routers");
    const auto result = run_selftest(cases, built_in_description(), options->threads, progress);
    progress.wipe();
    if (options->json != "-") fmt::print("{}", to_text(result, options->verbose));
    if (!options->json.empty()) write_text(options->json, to_json(result));
    // What some of the cases catch says nothing about the suite.
    const bool judged = options->select.empty();
    return !judged || result.good() ? Exit::ok : Exit::differs;
  };
}

}  // namespace secct::cli
