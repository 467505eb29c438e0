// SPDX-License-Identifier: GPL-2.0-or-later
// secct show: prints a case as text, and its packets in a run as a ladder diagram.
#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "files/escape.hpp"
#include "files/file_name.hpp"
#include "files/yaml_reader.hpp"
#include "generator/capture/read.hpp"
#include "replay/report/ladder.hpp"
#include "replay/report/report.hpp"
#include "replay/suite/clauses.hpp"
#include "replay/suite/suite.hpp"

namespace secct::cli {
namespace {

// Prints the steps from index `from`, numbered.
void print_steps(const std::vector<CaseStep>& steps, std::size_t from) {
  for (auto i = from; i < steps.size(); ++i) {
    const auto lines = step_lines(steps[i]);
    for (std::size_t n = 0; n < lines.size(); ++n) {
      const auto number = n == 0 ? fmt::format("  {:>2}.", i + 1) : std::string(6, ' ');
      print_escaped("{} {}\n", number, lines[n]);
    }
  }
}

const Case& find_case(const std::vector<Case>& cases, const std::string& id) {
  const auto found = std::ranges::find(cases, id, &Case::id);
  if (found != cases.end()) return *found;
  std::vector<std::string_view> names;
  std::vector<std::string_view> similar;
  for (const auto& c : cases) {
    names.emplace_back(c.id);
    if (c.id.find(id) != std::string::npos) similar.emplace_back(c.id);
  }
  constexpr std::size_t most = 12;
  if (similar.size() > most) {
    throw UsageError(fmt::format(
        "unknown case '{}'; {} case ids contain it; see 'secct list cases'", id, similar.size()));
  }
  throw UsageError(fmt::format(
      "unknown case '{}'{}", id,
      similar.empty() ? suggestion(id, names)
                      : fmt::format("; did you mean one of {}?", fmt::join(similar, ", "))));
}

void print_case(const Case& c) {
  print_escaped("{}\n{}\nrole {}, {}{}\n\n", c.id, c.title, role_name(c.role), c.file,
                c.line == 0 ? "" : fmt::format(":{}", c.line));
  for (const auto& id : c.clauses) {
    const auto* clause = find_clause(id);
    fmt::print("  {} ({}): {}\n", clause->id, clause->level, clause->text);
    if (!clause->quote.empty()) fmt::print("    draft: \"{}\"\n", clause->quote);
  }
  if (!c.needs.capabilities.empty()) {
    fmt::print("  needs {}\n", fmt::join(c.needs.capabilities, ", "));
  }
  if (!c.tags.empty()) {
    print_escaped("  tags {}\n", fmt::format("{}", fmt::join(c.tags, ", ")));
  }
  fmt::print("\n");
  print_steps(c.steps, 0);
  if (!c.mutation) return;
  fmt::print("\nThen again, with step {} changed:\n\n", c.mutation->step + 1);
  print_steps(steps_of(c, true), c.mutation->step);
}

// Reads the capture of the case from a report folder.
std::vector<TracedPacket> packets_in(const std::string& folder, const Case& c) {
  const auto file = std::filesystem::path(folder) / (file_name(c.id) + ".pcapng");
  std::vector<TracedPacket> packets;
  const auto error = read_capture(file.string(), [&](const CapturedPacket& packet) {
    const auto comment = packet.first_comment();
    packets.push_back({packet.time, comment.starts_with("router"), packet.octets, comment});
    return true;
  });
  if (!error.empty()) throw UsageError(error);
  return packets;
}

}  // namespace

Command show_command(CLI::App& app, const GlobalOptions& global) {
  struct Options {
    std::string id;
    std::string suite;
    std::string report_dir;
    std::string dut;
  };
  auto options = std::make_shared<Options>();
  app.add_option("CASE", options->id, "id of the case (see 'secct list cases')")->required();
  app.add_option("--suite", options->suite,
                 "read the case from this folder instead of the built-in suite")
      ->type_name("DIR");
  app.add_option("--report-dir", options->report_dir,
                 "also print the packets of the last run with this --report-dir")
      ->type_name("DIR");
  app.add_option("--dut", options->dut,
                 "decrypt these packets with the keys of this router description")
      ->type_name("FILE");
  return [options, &global] {
    const auto cases = options->suite.empty() ? built_in_cases() : load_suites(options->suite);
    const auto& c = find_case(cases, options->id);
    print_case(c);
    if (options->report_dir.empty()) return ExitStatus::ok;
    const auto description = global.description(options->dut);
    const auto keys = description.keyring();
    const auto packets = packets_in(options->report_dir, c);
    const auto trace =
        trace_of({description.codepoints, keys, role_name(c.role), packets, &description});
    fmt::print("\n{}", ladder_text(trace, packets));
    return ExitStatus::ok;
  };
}

}  // namespace secct::cli
