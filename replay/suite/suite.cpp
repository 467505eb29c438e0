// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/suite.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "embedded/suites.hpp"
#include "files/file_name.hpp"
#include "files/yaml_reader.hpp"
#include "generator/handover/handover.hpp"
#include "replay/suite/case_parameters.hpp"
#include "replay/suite/read_steps.hpp"

namespace secct::replay {
namespace {

constexpr double discard_wait = 0.4;  // seconds without an answer that show a discarded packet
// For SAs with the same SPI: less one for each SA, whose position in the list is added.
constexpr std::uint32_t same_spi_base = spi_base_step + spis_per_mobile_node;
constexpr std::string_view default_sas_key = "default-sas";

using Steps = std::vector<CaseStep>;

// The index of the send step that the mutation changes: "shrep" is the first such step, "shrep#2"
// the second.
std::size_t find_send(YamlMap& map, const Steps& steps) {
  map.require("send");
  const auto text = map.text("send", "");
  const auto hash = text.find('#');
  const auto number = hash == std::string::npos ? 1 : to_number(text.substr(hash + 1)).value_or(0);
  std::vector<std::string_view> sent;
  std::size_t seen = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind != CaseStep::Kind::send) continue;
    sent.emplace_back(steps[i].message);
    if (steps[i].message == text.substr(0, hash) && ++seen == number) return i;
  }
  yaml_error(map.at("send"), map.get("send"),
             fmt::format("the case has no step that sends '{}'; it sends {}", text,
                         fmt::join(sent, ", ")));
}

Mutation read_mutation(const YAML::Node& node, const YamlPlace& place, const Steps& steps,
                       const Sequences& sequences, CopyBudget& budget) {
  YamlMap map(node, place);
  Mutation mutation;
  mutation.step = find_send(map, steps);
  mutation.edits = read_edits(map);
  if (mutation.edits.empty()) {
    yaml_error(place, node, fmt::format("expected one of {}", fmt::join(edit_names(), ", ")));
  }
  const auto then = map.get("then");
  const bool discarded = then.IsDefined() && then.IsScalar() && then.Scalar() == "discarded";
  if (discarded) {
    auto& quiet = mutation.then.emplace_back();
    quiet.kind = CaseStep::Kind::nothing;
    quiet.seconds = discard_wait;
  } else {
    mutation.then = read_steps(map, "then", sequences, budget);
  }
  if (map.flag("again", discarded)) {
    for (auto& step : unchanged_state_steps(steps, mutation.step)) {
      mutation.then.push_back(std::move(step));
    }
  }
  map.finish();
  return mutation;
}

// An SA with `repeat: N` is a demand on N SAs.
std::vector<SaDemand> read_sas(YamlMap& map, const std::string& key, bool same_spi) {
  const auto sas = map.get(key);
  if (!sas.IsSequence()) yaml_error(map.at(key), sas, "expected a list of SAs");
  std::vector<SaDemand> list;
  std::uint32_t i = 0;
  for (const auto& item : sas) {
    const auto place = fmt::format("{}[{}]", map.at(key).path, i);
    const auto spi_base = same_spi ? same_spi_base - i : (i + 1) * spi_base_step;
    ++i;
    const auto demand = read_sa_demand(item, {map.place().file, place, map.place().line}, spi_base);
    list.insert(list.end(), demand.sa.repeat, demand);
    for (auto added = list.end() - demand.sa.repeat; added != list.end(); ++added) {
      added->sa.repeat = 1;
    }
  }
  return list;
}

Needs read_needs(YamlMap& map) {
  Needs needs;
  needs.capabilities = read_capabilities(map, "needs");
  needs.policies = read_policies(map.get("policies"), map.at("policies"));
  needs.sas.no_other_sas = map.flag("no-other-sas", false);
  needs.sas.same_spi = map.flag("same-spi", false);
  if (const auto exceeded = map.choice("sas-exceed", exceeded_names)) {
    needs.sas.exceeded = static_cast<Exceeded>(*exceeded);
  }
  if (map.has("sas")) needs.sas.list = read_sas(map, "sas", needs.sas.same_spi);
  return needs;
}

// Reports and captures have a file for each id.
void check_id(YamlMap& map, const std::string& id) {
  if (id.empty()) yaml_error(map.at("id"), map.get("id"), "expected a name, found an empty text");
  if (has_full_file_name(id)) return;
  yaml_error(map.at("id"), map.get("id"),
             fmt::format("too long: its files would have names of more than {} octets",
                         longest_file_name));
}

Case read_case(const YAML::Node& node, const YamlPlace& place, const std::string& section,
               const Sequences& sequences, CopyBudget& budget) {
  YamlMap map(node, place);
  constexpr std::string_view roles[] = {"nr", "pr", "fa"};
  for (const auto* key : {"id", "title", "role", "clauses"}) map.require(key);
  Case c;
  c.id = map.text("id", "");
  check_id(map, c.id);
  c.title = map.text("title", "");
  c.section = section;
  c.file = place.file;
  c.line = place.line;
  c.role = static_cast<Role>(map.choice("role", roles).value_or(0));
  c.clauses = map.texts("clauses");
  for (const auto& id : c.clauses) check_clause(map.at("clauses"), map.get("clauses"), id);
  if (c.clauses.empty())
    yaml_error(map.at("clauses"), map.get("clauses"), "expected at least one clause");
  c.tags = map.texts("tags");
  c.quiet = map.flag("quiet", false);
  c.needs = read_needs(map);
  c.steps = read_steps(map, "steps", sequences, budget);
  static_cast<void>(map.get(std::string(rows_key)));
  const auto mutate = map.get("mutate");
  if (mutate.IsDefined()) {
    c.mutation = read_mutation(mutate, map.at("mutate"), c.steps, sequences, budget);
  }
  map.finish();
  if (c.needs.sas.list.empty()) c.needs.sas.list = default_sas(c.role).list;
  add_needs_of_steps(c);
  return c;
}

void refuse_duplicates(const std::vector<Case>& cases) {
  std::set<std::string_view> seen;
  for (const auto& c : cases) {
    if (!seen.insert(c.id).second) {
      throw UsageError(
          fmt::format("{}:{}: another case has the id '{}' already", c.file, c.line, c.id));
    }
  }
}

// The cases of one entry of `cases`: one, or one for each row of its `for`.
void read_entry(const YAML::Node& node, const YamlPlace& place, const std::string& section,
                const Sequences& sequences, CopyBudget& budget, std::vector<Case>& cases) {
  if (!node.IsMap()) yaml_error(place, node, "expected a mapping (key: value)");
  const auto rows = node[std::string(rows_key)];
  if (!rows.IsDefined()) {
    cases.push_back(read_case(node, place, section, sequences, budget));
    return;
  }
  for (const auto& row : read_parameter_rows(rows, {place.file, place.path + ".for", place.line})) {
    cases.push_back(
        read_case(substitute(node, row, place, budget), place, section, sequences, budget));
  }
}

Sequences read_sequences(YamlMap& map, const Sequences& given, CopyBudget& budget) {
  auto sequences = given;
  const auto node = map.get("sequences");
  if (!node.IsDefined()) return sequences;
  YamlMap lists(node, map.at("sequences"));
  for (const auto& pair : node) {
    const auto& name = pair.first.Scalar();
    sequences[name] = read_steps(lists, name, sequences, budget);
  }
  return sequences;
}

struct SuiteFile {
  std::string name;
  YAML::Node root;
};
// A file without cases defines sequences for all files of the folder.
std::vector<Case> read_files(const std::vector<SuiteFile>& files, Sequences sequences) {
  CopyBudget budget;
  for (const auto& file : files) {
    YamlMap map(file.root, {file.name, ""});
    if (!map.has("cases")) {
      sequences = read_sequences(map, sequences, budget);
      static_cast<void>(map.get(std::string(default_sas_key)));
      map.finish();
    }
  }
  std::vector<Case> all;
  for (const auto& file : files) {
    YamlMap map(file.root, {file.name, ""});
    if (!map.has("cases")) continue;
    const auto own = read_sequences(map, sequences, budget);
    const auto section = map.text("section", "");
    const auto list = map.get("cases");
    if (!list.IsSequence()) yaml_error(map.at("cases"), list, "expected a list of cases");
    map.finish();
    std::size_t i = 0;
    for (const auto& item : list) {
      const YamlPlace place{file.name, fmt::format("cases[{}]", i++), item.Mark().line + 1};
      read_entry(item, place, section, own, budget, all);
    }
  }
  refuse_duplicates(all);
  return all;
}

SuiteFile parse_suite_file(const std::string& text, const std::string& file) {
  return {file, parse_yaml(text, file)};
}

const std::vector<SuiteFile>& built_in_files() {
  static const auto files = [] {
    std::vector<SuiteFile> list;
    for (const auto& file : embedded::suites()) {
      list.push_back(parse_suite_file(std::string(file.contents), std::string(file.name)));
    }
    return list;
  }();
  return files;
}

}  // namespace

std::vector<Case> read_suite(const std::string& text, const std::string& file,
                             const Sequences& sequences) {
  auto suite = parse_suite_file(text, file);
  YamlMap(suite.root, {file, ""}).require("cases");
  return read_files({suite}, sequences);
}

const SaDemands& default_sas(Role role) {
  static const auto all = [] {
    std::map<Role, SaDemands> lists;
    for (const auto& file : built_in_files()) {
      YamlMap map(file.root, {file.name, ""});
      if (!map.has(default_sas_key)) continue;
      const auto key = std::string(default_sas_key);
      YamlMap roles(map.get(key), map.at(key));
      for (const auto each : all_roles) {
        lists[each].list = read_sas(roles, std::string(role_name(each)), false);
      }
      roles.finish();
    }
    return lists;
  }();
  return all.at(role);
}

const std::vector<Case>& built_in_cases() {
  static const auto cases = [] {
    auto all = read_files(built_in_files(), {});
    for (auto& c : malformed_cases()) all.push_back(std::move(c));
    refuse_duplicates(all);
    return all;
  }();
  return cases;
}

const Sequences& built_in_sequences() {
  static const auto sequences = [] {
    Sequences all;
    CopyBudget budget;
    for (const auto& file : built_in_files()) {
      YamlMap map(file.root, {file.name, ""});
      if (!map.has("cases")) all = read_sequences(map, all, budget);
    }
    return all;
  }();
  return sequences;
}

std::vector<Case> load_suites(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  if (error) throw UsageError(fmt::format("{}: {}", folder, error.message()));
  if (files.empty()) throw UsageError(fmt::format("{}: the folder has no *.yaml file", folder));
  std::ranges::sort(files);
  std::vector<SuiteFile> all;
  for (const auto& file : files) all.push_back(parse_suite_file(read_text(file), file));
  return read_files(all, built_in_sequences());
}

}  // namespace secct::replay
