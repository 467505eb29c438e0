// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "embedded/suites.hpp"
#include "generator/handover.hpp"
#include "generator/yaml_reader.hpp"
#include "protocol/fields.hpp"
#include "replay/checks.hpp"
#include "replay/ledger.hpp"

namespace secct {
namespace {

constexpr double default_wait = 0.5;  // seconds until an answer must be there

YamlPlace place_of(const YamlMap& map, std::string_view key, std::size_t i) {
  return {map.place().file, fmt::format("{}[{}]", map.at(key).path, i)};
}

void check_message(YamlMap& map, const std::string& key, const std::string& name) {
  const auto names = Handover::names();
  if (std::ranges::find(names, name) == names.end()) {
    yaml_error(map.at(key), map.get(key),
               fmt::format("unknown message '{}', expected one of {}{}", name,
                           fmt::join(names, ", "), suggestion(name, names)));
  }
}

std::vector<FieldCheck> read_checks(YamlMap& map) {
  std::vector<FieldCheck> checks;
  const auto node = map.get("fields");
  if (!node.IsDefined()) return checks;
  if (!node.IsMap()) yaml_error(map.at("fields"), node, "expected fields (name: value)");
  YamlMap values(node, map.at("fields"));
  for (const auto& pair : node) {
    check_field_name(map.at("fields"), pair.first, pair.first.Scalar());
    checks.push_back({pair.first.Scalar(), values.texts(pair.first.Scalar())});
  }
  return checks;
}

CaseStep read_step(const YAML::Node& node, const YamlPlace& place) {
  YamlMap map(node, place);
  CaseStep step;
  if (map.has("send")) {
    step.kind = CaseStep::Kind::send;
    step.message = map.text("send", "");
    check_message(map, "send", step.message);
    step.edits = read_edits(map);
  } else if (map.has("expect")) {
    step.kind = CaseStep::Kind::expect;
    step.message = map.text("expect", "");
    check_message(map, "expect", step.message);
    step.fields = read_checks(map);
    step.absent = map.texts("absent");
    for (const auto& name : step.absent)
      check_field_name(map.at("absent"), map.get("absent"), name);
    step.checks = map.texts("check");
    for (const auto& name : step.checks) {
      const auto names = check_names();
      if (std::ranges::find(names, name) == names.end()) {
        yaml_error(map.at("check"), map.get("check"),
                   fmt::format("unknown check '{}'{}", name, suggestion(name, names)));
      }
    }
    constexpr std::string_view envelopes[] = {"ah", "esp", "none", "transferred"};
    if (const auto under = map.choice("under", envelopes)) step.under = envelopes[*under];
    step.optional = map.flag("optional", false);
    step.seconds = map.real("within", default_wait);
  } else if (map.has("expect-repeat")) {
    step.kind = CaseStep::Kind::repeat;
    step.message = map.text("expect-repeat", "");
    check_message(map, "expect-repeat", step.message);
    step.seconds = map.real("within", default_wait);
    step.after = map.real("after", 0);
  } else if (map.has("expect-nothing")) {
    step.kind = CaseStep::Kind::nothing;
    step.seconds = map.real("expect-nothing", default_wait);
  } else if (map.has("wait")) {
    step.kind = CaseStep::Kind::wait;
    step.seconds = map.real("wait", 0);
  } else if (map.has("echo")) {
    step.kind = CaseStep::Kind::echo;
    step.message = map.text("echo", "");
    step.seconds = map.real("within", default_wait);
  } else {
    yaml_error(place, node, "expected send, expect, expect-repeat, expect-nothing, wait or echo");
  }
  step.clause = map.text("clause", "");
  if (!step.clause.empty() && find_clause(step.clause) == nullptr) {
    yaml_error(map.at("clause"), map.get("clause"),
               fmt::format("unknown clause '{}'", step.clause));
  }
  map.finish();
  return step;
}

std::vector<CaseStep> read_steps(YamlMap& map, const std::string& key) {
  std::vector<CaseStep> steps;
  map.require(key);
  const auto node = map.get(key);
  if (!node.IsSequence()) yaml_error(map.at(key), node, "expected a list of steps");
  std::size_t i = 0;
  for (const auto& item : node) steps.push_back(read_step(item, place_of(map, key, i++)));
  return steps;
}

Mutation read_mutation(const YAML::Node& node, const YamlPlace& place, const Case& c) {
  YamlMap map(node, place);
  Mutation mutation;
  const auto number = map.number("step", 1, c.steps.size());
  if (number == 0 || c.steps[number - 1].kind != CaseStep::Kind::send) {
    yaml_error(map.at("step"), map.get("step"), "expected the number of a send step");
  }
  mutation.step = number - 1;
  mutation.edits = read_edits(map);
  if (mutation.edits.empty()) {
    yaml_error(place, node, fmt::format("expected one of {}", fmt::join(edit_names(), ", ")));
  }
  mutation.then = read_steps(map, "then");
  map.finish();
  return mutation;
}

Case read_case(const YAML::Node& node, const YamlPlace& place) {
  YamlMap map(node, place);
  constexpr std::string_view roles[] = {"nr", "pr", "fa"};
  Case c;
  map.require("id");
  map.require("title");
  map.require("role");
  map.require("clauses");
  c.id = map.text("id", "");
  c.title = map.text("title", "");
  c.file = place.file;
  c.line = node.Mark().line + 1;
  c.role = static_cast<Role>(map.choice("role", roles).value_or(0));
  c.clauses = map.texts("clauses");
  for (const auto& id : c.clauses) {
    if (find_clause(id) != nullptr) continue;
    std::vector<std::string_view> names;
    for (const auto& clause : clauses()) names.emplace_back(clause.id);
    yaml_error(map.at("clauses"), map.get("clauses"),
               fmt::format("unknown clause '{}'{}", id, suggestion(id, names)));
  }
  if (c.clauses.empty()) yaml_error(map.at("clauses"), map.get("clauses"), "expected a clause");
  c.needs = map.texts("needs");
  c.steps = read_steps(map, "steps");
  if (map.has("mutate")) {
    c.mutation = read_mutation(map.get("mutate"), map.at("mutate"), c);
  } else {
    static_cast<void>(map.get("mutate"));
  }
  map.finish();
  return c;
}

void refuse_doubles(const std::vector<Case>& cases) {
  std::set<std::string> seen;
  for (const auto& c : cases) {
    if (!seen.insert(c.id).second) {
      throw UsageError(fmt::format("{}:{}: the case '{}' exists already", c.file, c.line, c.id));
    }
  }
}

}  // namespace

std::vector<Case> read_suite(const std::string& text, const std::string& file) {
  const auto root = parse_yaml(text, file);
  YamlMap map(root, {file, ""});
  map.require("cases");
  static_cast<void>(map.get("section"));
  const auto list = map.get("cases");
  if (!list.IsSequence()) yaml_error(map.at("cases"), list, "expected a list of cases");
  map.finish();
  std::vector<Case> cases;
  std::size_t i = 0;
  for (const auto& item : list) {
    cases.push_back(read_case(item, {file, fmt::format("cases[{}]", i++)}));
  }
  return cases;
}

std::vector<Case> built_in_cases() {
  std::vector<Case> all;
  for (const auto& file : embedded::suites()) {
    for (auto& c : read_suite(std::string(file.contents), std::string(file.name))) {
      all.push_back(std::move(c));
    }
  }
  refuse_doubles(all);
  return all;
}

std::vector<Case> load_suites(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  if (error) throw UsageError(fmt::format("{}: {}", folder, error.message()));
  if (files.empty()) throw UsageError(fmt::format("{}: no *.yaml in this folder", folder));
  std::ranges::sort(files);
  std::vector<Case> all;
  for (const auto& file : files) {
    for (auto& c : read_suite(read_text(file), file)) all.push_back(std::move(c));
  }
  refuse_doubles(all);
  return all;
}

bool selected(const Case& c, const std::vector<std::string>& patterns) {
  if (patterns.empty()) return true;
  return std::ranges::any_of(patterns, [&](const auto& pattern) {
    return fnmatch(pattern.c_str(), c.id.c_str(), 0) == 0 ||
           c.id.find(pattern) != std::string::npos ||
           std::ranges::find(c.clauses, pattern) != c.clauses.end();
  });
}

}  // namespace secct
