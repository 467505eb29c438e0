// SPDX-License-Identifier: GPL-2.0-or-later
// report.json (docs/cli.md).
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "files/file_name.hpp"
#include "replay/report/coverage.hpp"
#include "replay/report/packet_text.hpp"
#include "replay/report/report.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view state_names[] = {"done", "failed", "not reached"};

double in_seconds(Time time) { return static_cast<double>(time) / 1e9; }

Json violations(const ReportEntry& entry) {
  auto list = Json::array();
  for (const auto& violation : entry.violations) {
    const auto& failure = violation.failure;
    const auto* clause = find_clause(failure.clause);
    Json row{{"verdict", name(violation.verdict)},
             {"clause", failure.clause},
             {"level", clause != nullptr ? clause->level : ""},
             {"sentence", clause != nullptr ? clause->text : ""},
             {"quote", clause != nullptr ? clause->quote : ""},
             {"text", failure.text},
             {"field", failure.field},
             {"expected", failure.expected},
             {"actual", failure.actual}};
    if (violation.packet) row["packet"] = *violation.packet + 1;
    list.push_back(std::move(row));
  }
  return list;
}

Json steps(const ReportEntry& entry) {
  auto list = Json::array();
  for (const auto& step : entry.steps) {
    auto compared = Json::array();
    for (const auto& comparison : step.compared) {
      compared.push_back({{"what", comparison.what},
                          {"expected", comparison.expected},
                          {"actual", comparison.actual},
                          {"good", comparison.good}});
    }
    list.push_back({{"text", step.lines},
                    {"state", state_names[static_cast<std::size_t>(step.state)]},
                    {"compared", std::move(compared)}});
  }
  return list;
}

Json packets(const Report& report, const ReportEntry& entry) {
  auto list = Json::array();
  const auto trace = trace_of(report, entry);
  for (std::size_t i = 0; i < entry.packets.size(); ++i) {
    const auto& packet = entry.packets[i];
    const auto& shown = trace.packets[i];
    Json row{{"number", i + 1},
             {"time_s", in_seconds(packet.time)},
             {"from", shown.from},
             {"to", shown.to},
             {"message", shown.message},
             {"info", shown.info},
             {"under", protection_text(shown)},
             {"comment", packet.comment}};
    if (packet.step) row["step"] = *packet.step + 1;
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace

std::string to_json_report(const Report& report) {
  Json root;
  root["tool"] = {{"name", "secct"}, {"version", SECCT_VERSION}};
  root["dut"] = report.dut;
  const auto counts = report.count();
  for (std::size_t v = 0; v < verdict_count; ++v) {
    root["summary"][std::string(verdict_names[v])] = counts[v];
  }
  const auto clauses = count_clauses(report);
  root["clauses"] = {{"judged", clauses.judged}, {"not_judged", clauses.not_judged}};
  root["notes"] = report.notes;
  root["cases"] = Json::array();
  for (const auto& entry : report.entries) {
    root["cases"].push_back(
        {{"id", entry.id},
         {"title", entry.title},
         {"role", entry.role},
         {"clauses", entry.clauses},
         {"verdict", name(entry.verdict)},
         {"reason", entry.violations.empty() ? "" : entry.violations[0].failure.reason()},
         {"duration_s", in_seconds(entry.duration)},
         {"pcap", file_name(entry.id) + ".pcapng"},
         {"flaky", entry.flaky},
         {"violations", violations(entry)},
         {"steps", steps(entry)},
         {"packets", packets(report, entry)}});
  }
  return root.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace secct::replay
