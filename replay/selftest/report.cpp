// SPDX-License-Identifier: GPL-2.0-or-later
// The matrix of faults and cases as text and as JSON.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "replay/selftest/selftest.hpp"

namespace secct::replay {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t max_shown_cases = 2;

std::string_view kind(const SelftestRun& run) {
  if (run.behaviour.fault != Fault::none) return "fault";
  return run.behaviour.variation != Variation::none ? "variation" : "without fault";
}

bool is_kind(const SelftestRun& run, std::string_view wanted) { return kind(run) == wanted; }

// "  3  first, second, ..."
std::string cases_text(const Selftest& selftest, const std::vector<std::size_t>& indices,
                       bool all) {
  std::string text = fmt::format("{:>3}  ", indices.size());
  const auto shown = all ? indices.size() : std::min(indices.size(), max_shown_cases);
  for (std::size_t i = 0; i < shown; ++i) {
    text += (i == 0 ? "" : ", ") + selftest.cases[indices[i]];
  }
  if (shown < indices.size()) text += ", ...";
  return text;
}

std::size_t count(const Selftest& selftest, std::string_view wanted, bool good_only) {
  return static_cast<std::size_t>(std::ranges::count_if(selftest.runs, [&](const auto& run) {
    if (!is_kind(run, wanted)) return false;
    return !good_only || (run.good() && run.not_applicable.empty());
  }));
}

// The faults that the description cannot show, with the reasons.
std::string not_applicable_text(const Selftest& selftest) {
  std::string text;
  for (const auto& run : selftest.runs) {
    if (run.not_applicable.empty()) continue;
    if (text.empty()) text = "\nnot applicable to this router description\n";
    text += fmt::format("  {:<36} {}\n", run.name, run.not_applicable);
  }
  return text;
}

std::vector<std::string> cases_without_fault(const Selftest& selftest) {
  std::vector<bool> detects_fault(selftest.cases.size());
  for (const auto& run : selftest.runs) {
    for (const auto i : run.detected_by()) detects_fault[i] = true;
  }
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < detects_fault.size(); ++i) {
    if (!detects_fault[i]) ids.push_back(selftest.cases[i]);
  }
  return ids;
}

}  // namespace

std::string to_text(const Selftest& selftest, bool verbose) {
  std::string text = "fault, number of cases that detect it, and their ids\n";
  for (const auto& run : selftest.runs) {
    const auto detected_by = run.detected_by();
    if (detected_by.empty()) continue;
    text += fmt::format("  {:<36} {}\n", run.name, cases_text(selftest, detected_by, verbose));
  }
  bool first = true;
  for (const auto& run : selftest.runs) {
    if (run.good()) continue;
    if (first) text += "\nNOT AS REQUIRED\n";
    first = false;
    text += fmt::format("  {:<36} {}\n", run.name.empty() ? "without fault" : run.name, run.why);
  }
  text += not_applicable_text(selftest);
  const auto without_fault = cases_without_fault(selftest);
  if (!without_fault.empty()) {
    text += fmt::format("\ncases that detect no fault: {}\n  {}\n", without_fault.size(),
                        fmt::join(without_fault, verbose ? "\n  " : " "));
  }
  const auto& plain = selftest.runs.front();
  const auto unsupported = std::ranges::count(plain.verdicts, Verdict::unsupported);
  const auto not_applicable = std::ranges::count_if(
      selftest.runs, [](const auto& run) { return !run.not_applicable.empty(); });
  text += fmt::format(
      "\n{} cases: without fault {}{}; {} of {} variations fail no case; {} of {} faults are "
      "detected{}\n",
      selftest.cases.size(), plain.good() ? "all PASS" : "NOT all PASS",
      plain.good() && unsupported != 0 ? fmt::format(" or UNSUPPORTED ({})", unsupported) : "",
      count(selftest, "variation", true), count(selftest, "variation", false),
      count(selftest, "fault", true), count(selftest, "fault", false),
      not_applicable != 0 ? fmt::format(", {} not applicable", not_applicable) : "");
  return text;
}

std::string to_json(const Selftest& selftest) {
  Json root;
  root["good"] = selftest.good();
  root["cases"] = selftest.cases;
  root["cases_that_catch_nothing"] = cases_without_fault(selftest);
  auto& runs = root["runs"] = Json::array();
  for (const auto& run : selftest.runs) {
    Json entry;
    entry["kind"] = kind(run);
    entry["name"] = run.name;
    if (run.behaviour.fault != Fault::none) {
      const auto& fault = row(run.behaviour.fault);
      entry["what"] = fault.what;
      entry["level"] = name(fault.level);
      entry["clauses"] = fault.clauses;
      auto& ids = entry["caught_by"] = Json::array();
      for (const auto i : run.detected_by()) ids.push_back(selftest.cases[i]);
    }
    entry["good"] = run.good();
    if (!run.why.empty()) entry["why"] = run.why;
    if (!run.not_applicable.empty()) entry["not_applicable"] = run.not_applicable;
    auto& others = entry["not_pass"] = Json::array();
    for (std::size_t i = 0; i < run.verdicts.size(); ++i) {
      if (run.verdicts[i] == Verdict::pass) continue;
      others.push_back({{"case", selftest.cases[i]},
                        {"verdict", name(run.verdicts[i])},
                        {"clause", run.clauses[i]}});
    }
    runs.push_back(std::move(entry));
  }
  return root.dump(2) + "\n";
}

}  // namespace secct::replay
