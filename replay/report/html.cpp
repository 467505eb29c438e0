// SPDX-License-Identifier: GPL-2.0-or-later
// report.html: what the report says as data for the page in replay/page.
#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "embedded/page.hpp"
#include "replay/report/coverage.hpp"
#include "replay/report/escape.hpp"
#include "replay/report/ladder_diagram.hpp"
#include "replay/report/packet_text.hpp"
#include "replay/report/report.hpp"
#include "replay/report/template.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

using Json = nlohmann::ordered_json;

// Names of classes in page/report.css: "pass", "non-strict".
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
std::string anchor_of(std::size_t entry, std::size_t packet) {
  return fmt::format("e{}p{}", entry + 1, packet + 1);
}
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
  constexpr StateRow rows[] = {{"pass", "✓", "kept"},
                               {"fail", "✗", "broken"},
                               {"non-strict", "!", "broken, not binding"},
                               {"inconclusive", "?", "not settled"},
                               {"unsupported", "–", "not supported"},
                               {"none", "·", "not judged here"},
                               {"unseen", "∅", "cannot be seen"}};
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
        good += covered.state == ClauseState::kept ? 1U : 0U;
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
    row["packet"] = violation.packet ? *violation.packet + 1 : 0;
    row["target"] = violation.packet ? anchor_of(number, *violation.packet) : "";
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
    // What was compared says more than the lines that asked for it.
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

// Rows of 16 octets, each in parts: a marked one, what follows it.
Json hex_rows(const ShownPacket& packet) {
  constexpr std::size_t width = 16;
  auto rows = Json::array();
  for (std::size_t at = 0; at < packet.octets.size(); at += width) {
    auto parts = Json::array();
    std::string ascii;
    bool was_marked = false;
    for (auto i = at; i < at + width; ++i) {
      const bool is_marked = i >= packet.mark_offset && i < packet.octets.size() &&
                             i - packet.mark_offset < packet.mark_length;
      if (parts.empty() || (is_marked && !was_marked)) {
        parts.push_back({{"mark", ""}, {"plain", ""}});
      }
      was_marked = is_marked;
      auto& part = parts.back();
      auto& text = is_marked ? part["mark"] : part["plain"];
      const auto octet = i < packet.octets.size() ? fmt::format("{:02x}", packet.octets[i]) : "  ";
      text = text.get<std::string>() + octet;
      // The gap belongs to the mark where the next octet does.
      const bool goes_on =
          is_marked && i + 1 < packet.mark_offset + packet.mark_length && i + 1 < at + width;
      auto& gap = goes_on ? part["mark"] : part["plain"];
      gap = gap.get<std::string>() + (i % 8 == 7 ? "  " : " ");
      if (i < packet.octets.size()) {
        const auto c = packet.octets[i];
        ascii += c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '.';
      }
    }
    rows.push_back({{"offset", fmt::format("{:04x}", at)}, {"parts", parts}, {"ascii", ascii}});
  }
  return rows;
}

Json fields(const ShownPacket& packet) {
  auto list = Json::array();
  for (const auto& field : packet.fields) {
    list.push_back({{"depth", std::min(field.depth, 5U)},
                    {"label", field.label},
                    {"name", field.name},
                    {"value", field.value},
                    {"class", field.marked ? "marked" : ""}});
  }
  return list;
}

bool is_wrong(const ReportEntry& entry, std::size_t packet) {
  return std::ranges::any_of(entry.violations,
                             [&](const auto& violation) { return violation.packet == packet; });
}

Json packets(const ReportEntry& entry, const Trace& trace, std::size_t number) {
  auto list = Json::array();
  // Where all is well the capture has the octets.
  if (entry.verdict == Verdict::pass) return list;
  const auto start = entry.packets.empty() ? 0 : entry.packets.front().time;
  for (std::size_t i = 0; i < entry.packets.size(); ++i) {
    const auto& packet = trace.packets[i];
    const bool wrong = is_wrong(entry, i);
    list.push_back(
        {{"number", i + 1},
         {"anchor", anchor_of(number, i)},
         {"class", wrong ? "wrong" : ""},
         {"open", wrong},
         {"time", fmt::format("{:.4f}", static_cast<double>(entry.packets[i].time - start) / 1e9)},
         {"message", packet.message},
         {"info", packet.info},
         {"from", packet.from},
         {"to", packet.to},
         {"under", packet.under},
         {"comment", entry.packets[i].comment},
         {"octets", packet.octets.size()},
         {"decrypted", packet.decrypted},
         {"has_fields", !packet.fields.empty()},
         {"fields", fields(packet)},
         {"hex", hex_rows(packet)}});
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
          {"ladder", ladder(entry, trace, wrong)},
          {"packets", packets(entry, trace, number)}};
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
  const Json view{{"dut", report.dut},
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
