// SPDX-License-Identifier: GPL-2.0-or-later
// The table of results on the terminal.
#include <algorithm>

#include <fmt/format.h>

#include "files/escape.hpp"
#include "replay/report/coverage.hpp"
#include "replay/report/report.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {

std::string coloured(Verdict verdict, bool color, std::size_t width) {
  auto text = fmt::format("{:<{}}", name(verdict), width);
  if (!color) return text;
  constexpr const char* colors[] = {"32", "33", "31;1", "35", "35", "36", "31;1"};
  return fmt::format("\033[{}m{}\033[0m", colors[static_cast<std::size_t>(verdict)], text);
}

std::string violation_lines(const Failure& failure, std::string_view indent) {
  std::string text;
  if (const auto* clause = find_clause(failure.clause)) {
    text += fmt::format("{}{} ({}): {}\n", indent, clause->id, clause->level, clause->text);
    if (!clause->quote.empty()) text += fmt::format("{}draft     \"{}\"\n", indent, clause->quote);
  }
  const auto line = [&](std::string_view label, const std::string& value) {
    if (!value.empty()) text += format_escaped("{}{}{}\n", indent, label, value);
  };
  line("", failure.text);
  line("field     ", failure.field);
  line("expected  ", failure.expected);
  line("found     ", failure.actual);
  return text;
}

std::string to_table(const Report& report, bool color) {
  std::size_t id_width = 4;
  for (const auto& entry : report.entries) id_width = std::max(id_width, entry.id.size());
  std::string out;
  const std::string* group = nullptr;
  for (const auto& entry : report.entries) {
    if (group == nullptr || *group != entry.group) {
      if (group != nullptr) out += '\n';
      out += color ? format_escaped("\033[1m{}\033[0m\n", entry.group)
                   : format_escaped("{}\n", entry.group);
      group = &entry.group;
    }
    out += fmt::format("  {}", coloured(entry.verdict, color, 12));
    out += format_escaped("  {:<{}}  {}\n", entry.id, id_width, entry.title);
    if (!entry.flaky.empty())
      out += format_escaped("      FLAKY: passed on a retry after: {}\n", entry.flaky);
    for (const auto& violation : entry.violations) {
      out += violation_lines(violation.failure, "      ");
    }
  }
  const auto counts = report.count();
  Time longest = 0;
  for (const auto& entry : report.entries) longest = std::max(longest, entry.duration);
  out += format_escaped("\n{} {}{} against {}:", report.entries.size(), report.unit,
                        report.entries.size() == 1 ? "" : "s", report.dut);
  for (std::size_t v = 0; v < verdict_count; ++v) {
    if (counts[v] == 0) continue;
    out += fmt::format("  {} {}", counts[v], coloured(static_cast<Verdict>(v), color, 0));
  }
  const auto clauses = count_clauses(report);
  const auto counted = clauses.judged + clauses.not_judged;
  if (counted > 0) {
    out += fmt::format("  ({} of {} clause{} not judged; longest {} {:.1f} s)\n",
                       clauses.not_judged, counted, counted == 1 ? "" : "s", report.unit,
                       static_cast<double>(longest) / 1e9);
  } else {
    out +=
        fmt::format("  (longest {} {:.1f} s)\n", report.unit, static_cast<double>(longest) / 1e9);
  }
  for (const auto& note : report.notes) out += format_escaped("{}\n", note);
  if (nothing_judged(report)) {
    out += fmt::format(
        "nothing was judged: every {} is UNSUPPORTED, for the reason that follows its title\n",
        report.unit);
  }
  return out;
}

}  // namespace secct::replay
