// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "generator/capture.hpp"
#include "generator/yaml_reader.hpp"
#include "replay/ledger.hpp"

namespace secct {
namespace {

using Json = nlohmann::ordered_json;

double in_seconds(Time time) { return static_cast<double>(time) / 1e9; }

std::string painted(Verdict verdict, bool color, std::size_t width) {
  auto text = fmt::format("{:<{}}", name(verdict), width);
  if (!color) return text;
  constexpr const char* colors[] = {"32", "33", "31;1", "35", "35", "36", "31;1"};
  return fmt::format("\033[{}m{}\033[0m", colors[static_cast<std::size_t>(verdict)], text);
}

// Octets that XML may not hold are left out.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw UsageError(fmt::format("{}: {}", path.string(), std::strerror(errno)));
}

// What a failure says, below its line in the table.
std::string details(const Failure& failure) {
  std::string text;
  if (const auto* clause = find_clause(failure.clause)) {
    text += fmt::format("      {} ({}): {}\n", clause->id, clause->level, clause->text);
  }
  if (!failure.text.empty()) text += fmt::format("      {}\n", failure.text);
  if (!failure.field.empty()) text += fmt::format("      field     {}\n", failure.field);
  if (!failure.expected.empty()) text += fmt::format("      expected  {}\n", failure.expected);
  if (!failure.actual.empty()) text += fmt::format("      found     {}\n", failure.actual);
  return text;
}

}  // namespace

std::array<std::size_t, verdict_count> Report::count() const {
  std::array<std::size_t, verdict_count> counts{};
  for (const auto& result : results) ++counts[static_cast<std::size_t>(result.verdict)];
  return counts;
}

std::string file_name(const std::string& id) {
  auto name = id;
  std::ranges::replace(name, '/', '_');
  return name;
}

std::string to_table(const Report& report, bool color) {
  std::size_t id_width = 4;
  std::size_t title_width = 5;
  for (const auto& c : report.cases) {
    id_width = std::max(id_width, c.id.size());
    title_width = std::max(title_width, c.title.size());
  }
  std::string out;
  std::string file;
  for (std::size_t i = 0; i < report.cases.size(); ++i) {
    const auto& c = report.cases[i];
    const auto& result = report.results[i];
    if (c.file != file) {
      file = c.file;
      const auto heading = std::filesystem::path(file).stem().string();
      out += color ? fmt::format("{}\033[1m{}\033[0m\n", i == 0 ? "" : "\n", heading)
                   : fmt::format("{}{}\n", i == 0 ? "" : "\n", heading);
    }
    out += fmt::format("  {}  {:<{}}  {:<{}}\n", painted(result.verdict, color, 12), c.id, id_width,
                       c.title, 0);
    if (result.verdict != Verdict::pass) out += details(result.failure);
  }
  const auto counts = report.count();
  Time longest = 0;
  for (const auto& result : report.results) longest = std::max(longest, result.duration);
  out += fmt::format("\n{} {} against {}:", report.cases.size(),
                     report.cases.size() == 1 ? "case" : "cases", report.dut);
  for (std::size_t v = 0; v < verdict_count; ++v) {
    if (counts[v] == 0) continue;
    const auto verdict = static_cast<Verdict>(v);
    out += fmt::format("  {} {}", counts[v], painted(verdict, color, 0));
  }
  out += fmt::format("  (longest case {:.1f} s)\n", in_seconds(longest));
  return out;
}

std::string to_json_report(const Report& report) {
  Json root;
  root["tool"] = {{"name", "secct"}, {"version", SECCT_VERSION}};
  root["dut"] = report.dut;
  const auto counts = report.count();
  for (std::size_t v = 0; v < verdict_count; ++v) {
    root["summary"][std::string(verdict_names[v])] = counts[v];
  }
  root["cases"] = Json::array();
  for (std::size_t i = 0; i < report.cases.size(); ++i) {
    const auto& c = report.cases[i];
    const auto& result = report.results[i];
    Json entry{{"id", c.id},
               {"title", c.title},
               {"role", role_name(c.role)},
               {"clauses", c.clauses},
               {"verdict", name(result.verdict)},
               {"reason", result.verdict == Verdict::pass ? "" : result.failure.reason()},
               {"duration_s", in_seconds(result.duration)},
               {"pcap", file_name(c.id) + ".pcapng"}};
    if (result.verdict != Verdict::pass) {
      entry["failure"] = {{"clause", result.failure.clause},
                          {"field", result.failure.field},
                          {"expected", result.failure.expected},
                          {"actual", result.failure.actual}};
    }
    root["cases"].push_back(std::move(entry));
  }
  return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_junit(const Report& report) {
  const auto counts = report.count();
  const auto of = [&](Verdict v) { return counts[static_cast<std::size_t>(v)]; };
  const auto errors = of(Verdict::tool_error) + of(Verdict::setup_fail) + of(Verdict::inconclusive);
  double total = 0;
  for (const auto& result : report.results) total += in_seconds(result.duration);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format(
      "<testsuites>\n  <testsuite name=\"SecCT conformance of {}\" tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n",
      escaped(report.dut), report.cases.size(), of(Verdict::fail), errors, of(Verdict::unsupported),
      total);
  for (std::size_t i = 0; i < report.cases.size(); ++i) {
    const auto& c = report.cases[i];
    const auto& result = report.results[i];
    const auto reason = escaped(result.failure.reason());
    out += fmt::format("    <testcase classname=\"{}.{}\" name=\"{}\" time=\"{:.3f}\"",
                       role_name(c.role), escaped(std::filesystem::path(c.file).stem().string()),
                       escaped(c.id), in_seconds(result.duration));
    switch (result.verdict) {
      case Verdict::pass: out += "/>\n"; continue;
      case Verdict::non_strict:
        out += fmt::format(">\n      <system-out>NON-STRICT: {}</system-out>\n", reason);
        break;
      case Verdict::fail:
        out += fmt::format(">\n      <failure type=\"{}\" message=\"{}\"/>\n",
                           escaped(result.failure.clause), reason);
        break;
      case Verdict::unsupported:
        out += fmt::format(">\n      <skipped message=\"{}\"/>\n", reason);
        break;
      default:
        out += fmt::format(">\n      <error type=\"{}\" message=\"{}\"/>\n", name(result.verdict),
                           reason);
    }
    out += "    </testcase>\n";
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

void write_reports(const Report& report, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw UsageError(fmt::format("{}: {}", folder, error.message()));
  const std::filesystem::path path(folder);
  write_file(path / "report.json", to_json_report(report));
  write_file(path / "report.xml", to_junit(report));
  for (std::size_t i = 0; i < report.cases.size(); ++i) {
    CaptureWriter writer((path / (file_name(report.cases[i].id) + ".pcapng")).string(),
                         LinkType::raw_ip);
    for (const auto& packet : report.results[i].packets) {
      writer.write(packet.time, packet.datagram, packet.comment);
    }
    writer.close();
  }
}

}  // namespace secct
