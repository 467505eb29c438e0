// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/expectations.hpp"

#include <fnmatch.h>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "files/yaml_reader.hpp"

namespace secct::replay {
namespace {

bool matches(const Expectation& expectation, const Case& c) {
  return fnmatch(expectation.id.c_str(), c.id.c_str(), 0) == 0;
}

Expectation read_expectation(const YAML::Node& node, const YamlPlace& place,
                             std::span<const Case> cases) {
  YamlMap map(node, place);
  for (const auto* key : {"id", "verdict", "reason"}) map.require(key);
  Expectation expectation;
  expectation.id = map.text("id", "");
  expectation.verdict = static_cast<Verdict>(map.choice("verdict", verdict_names).value_or(0));
  expectation.reason = map.text("reason", "");
  map.finish();
  if (std::ranges::none_of(cases, [&](const auto& c) { return matches(expectation, c); })) {
    std::vector<std::string_view> ids;
    for (const auto& c : cases) ids.emplace_back(c.id);
    yaml_error(
        map.at("id"), map.get("id"),
        fmt::format("no case matches '{}'{}", expectation.id, suggestion(expectation.id, ids)));
  }
  return expectation;
}

bool is_expected_by_default(Verdict verdict, bool strict) {
  return verdict == Verdict::pass || verdict == Verdict::unsupported ||
         (verdict == Verdict::non_strict && !strict);
}

}  // namespace

std::vector<Expectation> load_expectations(const std::string& file, std::span<const Case> cases) {
  const auto root = load_yaml(file);
  if (!root.IsSequence()) {
    yaml_error({file, ""}, root, "expected a list of {id, verdict, reason}");
  }
  std::vector<Expectation> expectations;
  for (const auto& item : root) {
    const auto place = fmt::format("[{}]", expectations.size());
    expectations.push_back(read_expectation(item, {file, place}, cases));
  }
  return expectations;
}

std::vector<Difference> differences(std::span<const Case> cases,
                                    std::span<const CaseResult> results,
                                    std::span<const Expectation> expectations, bool strict) {
  std::vector<Difference> list;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto found = results[i].verdict;
    const auto expectation = std::ranges::find_if(
        expectations, [&](const auto& entry) { return matches(entry, cases[i]); });
    if (expectation == expectations.end()) {
      if (!is_expected_by_default(found, strict))
        list.push_back({cases[i].id, Verdict::pass, found, ""});
    } else if (expectation->verdict != found) {
      list.push_back({cases[i].id, expectation->verdict, found, expectation->reason});
    }
  }
  return list;
}

std::vector<std::string> failed_in(const std::string& report_file) {
  const auto report = nlohmann::json::parse(read_text(report_file), nullptr, false);
  const auto refuse = [&](std::string_view what) {
    throw UsageError(fmt::format("{}: not a report.json: {}", report_file, what));
  };
  if (report.is_discarded()) refuse("not valid JSON");
  const auto cases = report.is_object() ? report.find("cases") : report.end();
  if (cases == report.end() || !cases->is_array()) refuse("expected a list 'cases'");
  std::vector<std::string> ids;
  for (const auto& entry : *cases) {
    const auto text = [&](const char* key) {
      const auto found = entry.is_object() ? entry.find(key) : entry.end();
      if (found == entry.end() || !found->is_string())
        refuse(fmt::format("a case has no '{}'", key));
      return found->get<std::string>();
    };
    const auto id = text("id");
    const auto verdict = text("verdict");
    if (verdict != name(Verdict::pass) && verdict != name(Verdict::unsupported)) ids.push_back(id);
  }
  return ids;
}

}  // namespace secct::replay
