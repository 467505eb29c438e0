// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/scenario_table.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "embedded/scenarios.hpp"
#include "generator/description/yaml_lists.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {
namespace {

constexpr std::uint32_t longest_pause = 600000;  // milliseconds
constexpr std::uint32_t largest_pmtu = 65535;
constexpr std::uint32_t data_interval = 20;  // milliseconds, as for voice
constexpr std::string_view payloads[] = {"udp", "echo"};

// The text of a scalar, or "[a, b]" for a list.
std::string edit_value(const YAML::Node& node) {
  if (!node.IsSequence()) return node.as<std::string>();
  std::vector<std::string> parts;
  for (const auto& part : node) parts.push_back(part.as<std::string>());
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

class Reader {
 public:
  Reader(const YAML::Node& root, const std::string& file) : map_(root, {file, ""}) {
    map_.require("flows");
    map_.require("scenarios");
    flows_ = map_.get("flows");
  }

  std::vector<ScenarioRow> read() {
    std::vector<ScenarioRow> rows;
    std::size_t i = 0;
    for (const auto& item : list_of(map_, "scenarios")) {
      YamlMap entry(item, entry_place(map_, "scenarios", i++));
      rows.push_back(scenario(entry));
    }
    map_.finish();
    return rows;
  }

 private:
  ScenarioRow scenario(YamlMap& entry) {
    for (const auto* key : {"name", "what", "flow"}) entry.require(key);
    ScenarioRow row;
    row.name = entry.text("name", "");
    row.what = entry.text("what", "");
    row.ipv4 = entry.flag("ipv4", false);
    row.status = static_cast<std::uint8_t>(entry.number("status", status::ok, 255));
    row.shak_protected = entry.flag("protected", row.status == status::ok);
    row.conflict = conflict(entry);
    if (const auto changes = entry.get("description"); changes.IsDefined()) {
      row.description_changes = changes;
    }
    for (const auto& item : list_of(entry, "changes")) {
      YamlMap change(item, entry.at("changes"));
      auto& read = row.changes.emplace_back();
      change.require("sa");
      read.sa = sa_index(change, "sa").value_or(0);
      read.changed = static_cast<std::uint8_t>(change.number("changed", 0, 255));
      if (change.has("pmtu")) {
        read.pmtu = static_cast<std::uint32_t>(change.number("pmtu", 0, largest_pmtu));
      }
      if (read.pmtu.has_value() != ((read.changed & trait::changed_pmtu) != 0)) {
        yaml_error(
            change.at("pmtu"), item,
            fmt::format(
                "'pmtu' is required if 'changed' contains {:#04x}, and not allowed otherwise",
                trait::changed_pmtu));
      }
      change.finish();
    }
    const auto before = traffic(entry, "before", false);
    const auto after = traffic(entry, "after", true);
    const auto edits = entry.get("set");
    row.steps = flow(entry, before, after);
    for (auto& step : row.steps) {
      if (!edits.IsDefined() || !edits[step.message].IsDefined()) continue;
      for (const auto& edit : edits[step.message]) {
        step.edits.push_back(
            {Edit::Kind::set, edit.first.as<std::string>(), edit_value(edit.second)});
      }
    }
    entry.finish();
    return row;
  }

  std::vector<ScenarioStep> traffic(YamlMap& entry, const std::string& key, bool after) {
    std::vector<ScenarioStep> steps;
    std::size_t i = 0;
    for (const auto& item : list_of(entry, key)) {
      YamlMap packet(item, entry_place(entry, key, i++));
      packet.require("payload");
      packet.require("under");
      ScenarioStep step;
      step.message = "data";
      step.milliseconds = data_interval;
      step.traffic.echo = packet.choice("payload", payloads).value_or(0) == 1;
      step.traffic.after = after;
      step.traffic.under = sa_indices(packet, "under");
      step.traffic.remote = packet.address("remote");
      step.what = packet.text("what", after ? "MN data continues under the transferred SA"
                                            : "MN data before the handover");
      step.clause = packet.text("clause", after ? "RELOC-4-12" : "ISSUES-7.3-1");
      packet.finish();
      steps.push_back(std::move(step));
    }
    return steps;
  }

  std::vector<ScenarioStep> flow(YamlMap& entry, const std::vector<ScenarioStep>& before,
                                 const std::vector<ScenarioStep>& after) {
    const auto name = entry.text("flow", "");
    const auto lines = flows_[name];
    if (!lines.IsDefined() || !lines.IsSequence()) {
      yaml_error(entry.at("flow"), entry.get("flow"),
                 fmt::format("expected a key of 'flows', found '{}'", name));
    }
    std::vector<ScenarioStep> steps;
    std::size_t i = 0;
    for (const auto& line : lines) {
      if (line.IsScalar()) {
        const auto& packets = line.as<std::string>() == "before" ? before : after;
        steps.insert(steps.end(), packets.begin(), packets.end());
        ++i;
        continue;
      }
      YamlMap map(line, {map_.place().file, fmt::format("flows.{}[{}]", name, i++)});
      steps.push_back(message(map));
    }
    return steps;
  }

  // The indices of SAs in the router description. In the file, their numbers count from 1.
  static std::vector<std::size_t> sa_indices(YamlMap& map, const std::string& key) {
    std::vector<std::size_t> all;
    for (const auto& text : map.texts(key)) {
      if (text == "conflict") {
        all.push_back(conflict_sa);
        continue;
      }
      const auto number = to_number(text);
      if (!number || *number == 0 || *number > spis_per_mobile_node) {
        yaml_error(map.at(key), map.get(key),
                   fmt::format("expected SA numbers from 1 to {}, found '{}'", spis_per_mobile_node,
                               text));
      }
      all.push_back(*number - 1);
    }
    return all;
  }

  // The index of one SA; std::nullopt if the key is missing.
  static std::optional<std::size_t> sa_index(YamlMap& map, const std::string& key) {
    const auto all = sa_indices(map, key);
    if (all.size() > 1) yaml_error(map.at(key), map.get(key), "expected one SA number");
    return all.empty() ? std::nullopt : std::optional(all.front());
  }

  // `conflict: from-mn`, or the number of an SA.
  static std::optional<std::size_t> conflict(YamlMap& entry) {
    const auto node = entry.get("conflict");
    if (node.IsDefined() && node.IsScalar() && node.Scalar() == "from-mn") return conflict_sa;
    return sa_index(entry, "conflict");
  }

  static ScenarioStep message(YamlMap& map) {
    for (const auto* key : {"send", "what", "clause"}) map.require(key);
    const auto names = Handover::names();
    ScenarioStep step;
    step.message = names[map.choice("send", names).value_or(0)];
    step.replay = static_cast<std::uint8_t>(map.number("replay", 1, 255));
    constexpr std::string_view halves[] = {"first-half", "second-half"};
    const auto contexts = map.get("contexts");
    const auto* const half = std::ranges::find(
        halves, contexts.IsDefined() && contexts.IsScalar() ? contexts.Scalar() : "");
    if (half != std::end(halves)) {
      step.half = static_cast<int>(half - halves) + 1;
    } else {
      step.contexts = sa_indices(map, "contexts");
    }
    step.exact = map.has("every");
    const auto after = map.number("after", 0, longest_pause);
    step.milliseconds = static_cast<std::uint32_t>(map.number("every", after, longest_pause));
    step.what = map.text("what", "");
    step.clause = map.text("clause", "");
    map.finish();
    return step;
  }

  YamlMap map_;
  YAML::Node flows_;
};

// `base` with `changes`: mappings are merged key by key, other values are replaced.
YAML::Node merged(const YAML::Node& base, const YAML::Node& changes) {
  if (!changes.IsDefined() || changes.IsNull()) return base;
  if (!base.IsDefined() || !base.IsMap() || !changes.IsMap()) return changes;
  YAML::Node result(YAML::NodeType::Map);
  for (const auto& entry : base) {
    const auto key = entry.first.as<std::string>();
    result[key] = changes[key] ? merged(entry.second, changes[key]) : entry.second;
  }
  for (const auto& entry : changes) {
    if (!base[entry.first.as<std::string>()]) result[entry.first] = entry.second;
  }
  return result;
}

}  // namespace

YAML::Node ScenarioRow::description(const YAML::Node& base) const {
  return merged(base, description_changes);
}

std::vector<ScenarioRow> read_scenarios(const YAML::Node& root, const std::string& file) {
  return Reader(root, file).read();
}

std::span<const ScenarioRow> scenarios() {
  static const auto rows = [] {
    const auto& file = embedded::scenarios()[0];
    return read_scenarios(parse_yaml(std::string(file.contents), "built-in scenarios"),
                          "built-in scenarios");
  }();
  return rows;
}

const ScenarioRow& find_scenario(std::string_view name) {
  const auto rows = scenarios();
  const auto found = std::ranges::find(rows, name, &ScenarioRow::name);
  if (found != rows.end()) return *found;
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.emplace_back(row.name);
  throw UsageError(fmt::format("unknown scenario '{}'; expected one of {}{}", name,
                               fmt::join(names, ", "), suggestion(name, names)));
}

}  // namespace secct::generator
