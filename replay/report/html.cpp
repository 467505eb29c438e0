// SPDX-License-Identifier: GPL-2.0-or-later
// report.html: converts a report to the data of the template page/report.html.
#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "embedded/page.hpp"
#include "files/file_name.hpp"
#include "replay/report/coverage.hpp"
#include "replay/report/html_packets.hpp"
#include "replay/report/ladder_diagram.hpp"
#include "replay/report/packet_text.hpp"
#include "replay/report/report.hpp"
#include "replay/report/template.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

using Json = nlohmann::ordered_json;

// CSS class in page/report.css: "pass", "non-strict".
std::string class_of(Verdict verdict) {
  std::string text(name(verdict));
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::string page_file(std::string_view file) {
  for (const auto& embedded : embedded::page()) {
    if (embedded.name == file) return std::string(embedded.contents);
  }
  return {};
}

std::string anchor_of(std::size_t entry) { return fmt::format("e{}", entry + 1); }
std::string clause_anchor(const std::string& id) { return "clause-" + id; }

Json clause_json(const std::string& id) {
  const auto* clause = find_clause(id);
  return {{"id", id},
          {"anchor", clause_anchor(id)},
          {"level", clause != nullptr ? clause->level : "unknown"},
          {"text", clause != nullptr ? clause->text : ""},
          {"quote", clause != nullptr ? clause->quote : ""}};
}

Json totals(const Report& report) {
  auto list = Json::array();
  const auto counts = report.count();
  for (std::size_t v = 0; v < verdict_count; ++v) {
    if (counts[v] == 0) continue;
    const auto verdict = static_cast<Verdict>(v);
    list.push_back(
        {{"verdict", name(verdict)}, {"class", class_of(verdict)}, {"count", counts[v]}});
  }
  return list;
}

struct StateRow {
  const char* css;
  const char* mark;
  const char* what;
};
StateRow look(ClauseState state) {
  constexpr StateRow rows[] = {{"pass", "✓", "passed"},
                               {"fail", "✗", "failed"},
                               {"non-strict", "!", "failed (not binding)"},
                               {"inconclusive", "?", "inconclusive"},
                               {"unsupported", "–", "unsupported"},
                               {"none", "·", "not tested"},
                               {"untestable", "∅", "not testable"}};
  return rows[static_cast<std::size_t>(state)];
}

Json legend() {
  auto list = Json::array();
  for (std::size_t i = 0; i < clause_state_count; ++i) {
    const auto row = look(static_cast<ClauseState>(i));
    list.push_back({{"class", row.css}, {"mark", row.mark}, {"what", row.what}});
  }
  return list;
}

Json drafts(const Report& report) {
  auto list = Json::array();
  for (const auto& draft : coverage(report)) {
    auto sections = Json::array();
    for (const auto& section : draft.sections) {
      auto rows = Json::array();
      std::size_t good = 0;
      for (const auto& covered : section.clauses) {
        const auto state = look(covered.state);
        good += covered.state == ClauseState::passed ? 1U : 0U;
        auto row = clause_json(covered.clause->id);
        row["class"] = state.css;
        row["mark"] = state.mark;
        row["what"] = state.what;
        row["entries"] = Json::array();
        for (const auto entry : covered.entries) {
          row["entries"].push_back({{"id", report.entries[entry].id},
                                    {"anchor", anchor_of(entry)},
                                    {"class", class_of(report.entries[entry].verdict)}});
        }
        rows.push_back(std::move(row));
      }
      sections.push_back(
          {{"name", section.name}, {"good", good}, {"all", rows.size()}, {"clauses", rows}});
    }
    list.push_back(
        {{"title", draft.title}, {"document", draft.document}, {"sections", std::move(sections)}});
  }
  return list;
}

Json violations(const ReportEntry& entry, std::size_t number) {
  auto list = Json::array();
  for (const auto& violation : entry.violations) {
    const auto& failure = violation.failure;
    auto row = clause_json(failure.clause);
    row["sentence"] = row["text"];
    row["clause"] = failure.clause;
    row["class"] = class_of(violation.verdict);
    row["text"] = failure.text;
    row["field"] = failure.field;
    row["expected"] = failure.expected;
    row["actual"] = failure.actual;
    row["packet"] = violation.packet ? Json(*violation.packet + 1) : Json();
    row["target"] = violation.packet ? packet_anchor(number, *violation.packet) : "";
    list.push_back(std::move(row));
  }
  return list;
}

Json steps(const ReportEntry& entry) {
  constexpr const char* classes[] = {"done", "failed", "not-reached"};
  constexpr const char* notes[] = {"", "failed here", "not reached"};
  auto list = Json::array();
  for (const auto& step : entry.steps) {
    auto compared = Json::array();
    for (const auto& comparison : step.compared) {
      compared.push_back({{"what", comparison.what},
                          {"expected", comparison.expected},
                          {"actual", comparison.actual},
                          {"class", comparison.good ? "same" : "differs"}});
    }
    const auto state = static_cast<std::size_t>(step.state);
    // The comparison replaces the lines that require it.
    Json lines = Json::array();
    if (compared.empty()) {
      lines = std::vector<std::string>(step.lines.begin() + 1, step.lines.end());
    }
    list.push_back({{"first", step.lines.front()},
                    {"lines", std::move(lines)},
                    {"state", classes[state]},
                    {"note", notes[state]},
                    {"has_compared", !compared.empty()},
                    {"compared", std::move(compared)}});
  }
  return list;
}

std::string search_text(const ReportEntry& entry) {
  std::string text = entry.id + " " + entry.title + " " + entry.role + " " + entry.group + " " +
                     std::string(name(entry.verdict));
  for (const auto& id : entry.clauses) text += " " + id;
  for (const auto& violation : entry.violations) {
    text += " " + violation.failure.clause + " " + violation.failure.reason();
  }
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

Json entry_json(const Report& report, std::size_t number) {
  const auto& entry = report.entries[number];
  auto clauses = Json::array();
  for (const auto& id : entry.clauses) clauses.push_back(clause_json(id));
  const auto trace = trace_of(report, entry);
  std::vector<bool> wrong;
  for (std::size_t i = 0; i < entry.packets.size(); ++i) wrong.push_back(is_wrong(entry, i));
  return {{"id", entry.id},
          {"title", entry.title},
          {"role", entry.role},
          {"anchor", anchor_of(number)},
          {"verdict", name(entry.verdict)},
          {"class", class_of(entry.verdict)},
          {"search", search_text(entry)},
          {"duration", fmt::format("{:.3f}", static_cast<double>(entry.duration) / 1e9)},
          {"pcap", entry.packets.empty() ? "" : file_name(entry.id) + ".pcapng"},
          {"violations", violations(entry, number)},
          {"clauses", std::move(clauses)},
          {"has_steps", !entry.steps.empty()},
          {"steps", steps(entry)},
          {"ladder", ladder_diagram(trace, wrong)},
          {"packets", packets_json(entry, trace, number)}};
}

Json groups(const Report& report) {
  auto list = Json::array();
  for (std::size_t i = 0; i < report.entries.size(); ++i) {
    const auto& group = report.entries[i].group;
    if (list.empty() || list.back()["name"] != group) {
      list.push_back({{"name", group}, {"entries", Json::array()}});
    }
    list.back()["entries"].push_back(entry_json(report, i));
  }
  return list;
}

}  // namespace

std::string to_html(const Report& report) {
  auto heading = report.unit + "s";
  heading[0] = static_cast<char>(heading[0] - 'a' + 'A');
  auto notes = Json::array();
  for (const auto& note : report.notes) notes.push_back({{"note", note}});
  const Json view{{"dut", report.dut},
                  {"has_notes", !report.notes.empty()},
                  {"notes", std::move(notes)},
                  {"version", SECCT_VERSION},
                  {"started", fmt::format("{:%Y-%m-%d %H:%M:%S} UTC",
                                          fmt::gmtime(static_cast<std::time_t>(report.started)))},
                  {"unit", report.unit},
                  {"heading", heading},
                  {"style", page_file("report.css")},
                  {"script", page_file("report.js")},
                  {"totals", totals(report)},
                  {"legend", legend()},
                  {"drafts", drafts(report)},
                  {"groups", groups(report)}};
  return fill(page_file("report.html"), view);
}

}  // namespace secct::replay
