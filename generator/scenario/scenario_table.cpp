// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/scenario_table.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "embedded/scenarios.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {
namespace {

constexpr std::uint32_t longest_pause = 600000;  // milliseconds
constexpr std::uint32_t largest_pmtu = 65535;
constexpr std::uint32_t between_data = 20;  // milliseconds, as voice is sent
constexpr std::string_view payloads[] = {"udp", "echo"};

std::vector<YAML::Node> list(YamlMap& map, const std::string& key) {
  const auto node = map.get(key);
  if (!node.IsDefined() || node.IsNull()) return {};
  if (!node.IsSequence()) yaml_error(map.at(key), node, "expected a list");
  return {node.begin(), node.end()};
}

YamlPlace item_place(const YamlMap& map, std::string_view key, std::size_t i) {
  return {map.place().file, fmt::format("{}[{}]", map.at(key).path, i)};
}

// A scalar, or a list as "[a, b]".
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
    for (const auto& item : list(map_, "scenarios")) {
      YamlMap entry(item, item_place(map_, "scenarios", i++));
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
    if (entry.has("conflict")) row.conflict = entry.number("conflict", 0, spis_per_mobile_node - 1);
    static_cast<void>(entry.get("conflict"));
    if (const auto changes = entry.get("lab"); changes.IsDefined())
      row.description_changes = changes;
    for (const auto& item : list(entry, "changes")) {
      YamlMap change(item, entry.at("changes"));
      auto& told = row.changes.emplace_back();
      told.sa = change.number("sa", 0, spis_per_mobile_node - 1);
      told.changed = static_cast<std::uint8_t>(change.number("changed", 0, 255));
      if (change.has("pmtu")) {
        told.pmtu = static_cast<std::uint32_t>(change.number("pmtu", 0, largest_pmtu));
      }
      if (told.pmtu.has_value() != ((told.changed & trait::changed_pmtu) != 0)) {
        yaml_error(
            change.at("pmtu"), item,
            fmt::format("expected with {:#04x} in 'changed', and then only", trait::changed_pmtu));
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
        step.edits.push_back({edit.first.as<std::string>(), edit_value(edit.second)});
      }
    }
    entry.finish();
    return row;
  }

  std::vector<ScenarioStep> traffic(YamlMap& entry, const std::string& key, bool after) {
    std::vector<ScenarioStep> steps;
    std::size_t i = 0;
    for (const auto& item : list(entry, key)) {
      YamlMap packet(item, item_place(entry, key, i++));
      packet.require("payload");
      packet.require("under");
      ScenarioStep step;
      step.message = "data";
      step.milliseconds = between_data;
      step.traffic.echo = packet.choice("payload", payloads).value_or(0) == 1;
      step.traffic.after = after;
      step.traffic.under = places(packet, "under", item);
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
      yaml_error(entry.at("flow"), entry.get("flow"), fmt::format("no flow '{}'", name));
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
      steps.push_back(message(map, line));
    }
    return steps;
  }

  // SAs by their places in the lab.
  static std::vector<std::size_t> places(YamlMap& map, const std::string& key,
                                         const YAML::Node& node) {
    std::vector<std::size_t> all;
    for (const auto& place : map.texts(key)) {
      const auto number = to_number(place);
      if (!number || *number >= spis_per_mobile_node) {
        yaml_error(map.at(key), node, "expected places in the lab's list of SAs");
      }
      all.push_back(*number);
    }
    return all;
  }

  static ScenarioStep message(YamlMap& map, const YAML::Node& node) {
    for (const auto* key : {"send", "what", "clause"}) map.require(key);
    const auto names = Handover::names();
    ScenarioStep step;
    step.message = names[map.choice("send", names).value_or(0)];
    step.replay = static_cast<std::uint8_t>(map.number("replay", 1, 255));
    if (map.has("contexts")) step.contexts = places(map, "contexts", node);
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

// `changes` over `base`: mappings key by key, everything else as a whole.
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
  throw UsageError(fmt::format("{}: no such scenario; there are {}{}", name, fmt::join(names, ", "),
                               suggestion(name, names)));
}

}  // namespace secct::generator
