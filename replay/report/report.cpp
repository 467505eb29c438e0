// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/report.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "files/escape.hpp"
#include "files/file_name.hpp"
#include "files/output_file.hpp"
#include "files/yaml_reader.hpp"
#include "generator/capture/write.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

std::vector<ReportStep> report_steps(const Case& c, const CaseResult& result) {
  std::vector<ReportStep> steps;
  if (result.verdict == Verdict::unsupported) return steps;
  for (const auto& step : steps_of(c, result.mutated)) {
    steps.push_back({step_lines(step), ReportStep::State::done, {}});
  }
  for (const auto& comparison : result.compared) {
    if (comparison.step < steps.size()) steps[comparison.step].compared.push_back(comparison);
  }
  if (!result.failed_step || *result.failed_step >= steps.size()) return steps;
  steps[*result.failed_step].state = ReportStep::State::failed;
  for (auto i = *result.failed_step + 1; i < steps.size(); ++i) {
    if (steps[i].compared.empty()) steps[i].state = ReportStep::State::not_reached;
  }
  return steps;
}

// The beginning of a text, as a comment that a pcapng file can hold.
std::string packet_comment(const std::string& text) {
  constexpr std::size_t most_octets = 65000;
  auto comment = escape_control_characters(text, true);
  if (comment.size() <= most_octets) return comment;
  comment.resize(most_octets);
  return escape_control_characters(comment, true) + "...";  // the cut may be within a character
}

}  // namespace

std::array<std::size_t, verdict_count> Report::count() const {
  std::array<std::size_t, verdict_count> counts{};
  for (const auto& entry : entries) ++counts[static_cast<std::size_t>(entry.verdict)];
  return counts;
}

bool nothing_judged(const Report& report) {
  return std::ranges::all_of(
      report.entries, [](const auto& entry) { return entry.verdict == Verdict::unsupported; });
}

Report make_report(const RouterDescription& description, const std::vector<Case>& cases,
                   std::vector<CaseResult> results) {
  Report report;
  report.dut = description.name;
  report.unit = "case";
  report.codepoints = description.codepoints;
  report.keys = description.keyring();
  for (const auto& clause : clauses()) {
    if (clause.test == "lint") report.always_judged.push_back(clause.id);
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& c = cases[i];
    auto& result = results[i];
    auto& entry = report.entries.emplace_back();
    entry.id = c.id;
    entry.title = c.title;
    entry.role = role_name(c.role);
    entry.group = std::filesystem::path(c.file).stem().string();
    entry.clauses = c.clauses;
    entry.verdict = result.verdict;
    entry.duration = result.duration;
    entry.steps = report_steps(c, result);
    entry.packets = std::move(result.packets);
    if (result.flaky) entry.flaky = result.failure.reason();
    if (result.verdict == Verdict::pass) continue;
    // A case fails at its last packet.
    const auto last =
        entry.packets.empty() ? std::nullopt : std::optional(entry.packets.size() - 1);
    entry.violations.push_back({std::move(result.failure), result.verdict, last});
  }
  return report;
}

void write_reports(const Report& report, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw UsageError(fmt::format("{}: {}", folder, error.message()));
  const std::filesystem::path path(folder);
  write_text((path / "report.json").string(), to_json_report(report));
  write_text((path / "report.xml").string(), to_junit(report));
  write_text((path / "report.html").string(), to_html(report));
  for (const auto& entry : report.entries) {
    CaptureWriter writer((path / (file_name(entry.id) + ".pcapng")).string(), LinkType::raw_ip);
    for (std::size_t i = 0; i < entry.packets.size(); ++i) {
      const auto& packet = entry.packets[i];
      auto comment = packet.comment;
      for (const auto& violation : entry.violations) {
        if (violation.packet != i) continue;
        const auto& failure = violation.failure;
        comment += fmt::format("{}{}{}{}: {}", comment.empty() ? "" : "\n", name(violation.verdict),
                               failure.clause.empty() ? "" : " ", failure.clause, failure.reason());
      }
      writer.write(packet.time, packet.datagram, packet_comment(comment));
    }
    writer.close();
  }
}

}  // namespace secct::replay
