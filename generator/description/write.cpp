// SPDX-License-Identifier: GPL-2.0-or-later
// Router descriptions to YAML: the parts that secct itself changes.
#include <fmt/format.h>

#include "generator/description/router_description.hpp"

namespace secct::generator {
namespace {

YAML::Node hex_node(View octets) { return quoted("0x" + to_hex(octets)); }

// In the form that read_field() reads; as the only value of an entry also in that of
// read_typed_list(), which reads 0x as octets.
YAML::Node value_node(const Node& field) {
  if (const auto number = field.number()) return YAML::Node(std::to_string(*number));
  const auto& octets = *field.octets();
  std::string text(octets.begin(), octets.end());
  const bool is_text = row(field.field).type == FieldType::text && !text.starts_with("0x");
  return is_text ? YAML::Node(text) : hex_node(octets);
}

// Additional security data or static profile as {type, value}. The first field of an entry is its
// type.
YAML::Node yaml_of(const std::vector<Node>& entries) {
  YAML::Node list(YAML::NodeType::Sequence);
  for (const auto& entry : entries) {
    YAML::Node pair;
    pair["type"] = value_node(entry.children.front());
    if (entry.children.size() == 2) {
      pair["value"] = value_node(entry.children[1]);
    } else {
      for (std::size_t i = 1; i < entry.children.size(); ++i) {
        pair["value"].push_back(value_node(entry.children[i]));
      }
    }
    list.push_back(pair);
  }
  return list;
}

YAML::Node yaml_of(const SaPattern& pattern) {
  const auto& context = pattern.context;
  YAML::Node node;
  const auto put = [&node](const char* key, const auto& value) {
    if (value) node[key] = *value;
  };
  const auto put_address = [&node](const char* key, const std::optional<Address>& address) {
    if (address) node[key] = to_text(*address);
  };
  node["type"] = pattern.type;
  node["direction"] = std::string(name(pattern.direction));
  node["spt"] = context.spt;
  node["spi_base"] = pattern.spi_base;
  node["repeat"] = pattern.repeat;
  put_address("local", pattern.local);
  put_address("remote", pattern.remote);
  if (pattern.key_length) node["key_length"] = unsigned{*pattern.key_length};
  node["protocol"] = unsigned{context.protocol};
  node["sequence"] = context.sequence;
  node["lifetime"] = context.lifetime;
  node["window_size"] = unsigned{context.window_size};
  if (!context.window.empty()) node["window"] = hex_node(context.window);
  node["source_port"] = context.source_port;
  node["destination_port"] = context.destination_port;
  put("source_private_id", context.source_private_id);
  put("destination_private_id", context.destination_private_id);
  if (!context.additional.empty()) node["additional"] = yaml_of(context.additional);
  if (!context.static_profile.empty()) node["static_profile"] = yaml_of(context.static_profile);
  return node;
}

YAML::Node yaml_of(const Policies& policies) {
  YAML::Node node;
  node["spi_conflict"] =
      std::string(spi_conflict_names[static_cast<std::size_t>(policies.spi_conflict)]);
  node["confidential"] = policies.confidential;
  node["static_profile"] =
      std::string(static_profile_names[policies.prefer_static_profile ? 1 : 0]);
  node["stateful"] = policies.stateful;
  return node;
}

}  // namespace

YAML::Node to_yaml(const RouterDescription& description, const YAML::Node& base) {
  auto yaml = YAML::Clone(base);
  yaml["policies"] = yaml_of(description.policies);
  yaml["timing_scale"] = description.timing_scale;
  const CodePoints defaults;
  yaml.remove("codepoints");
  for (const auto& row : codepoints()) {
    if (description.codepoints[row.id] == defaults[row.id]) continue;
    yaml["codepoints"][row.name] = unsigned{description.codepoints[row.id]};
  }
  if (description.more_nodes.empty()) return yaml;
  auto nodes = yaml["mobile_nodes"];
  nodes["count"] = description.mobile_node_count;
  nodes.remove("more");
  for (const auto& more : description.more_nodes) {
    YAML::Node entry;
    entry["count"] = more.count;
    for (const auto& pattern : more.sas) entry["sas"].push_back(yaml_of(pattern));
    nodes["more"].push_back(entry);
  }
  return yaml;
}

}  // namespace secct::generator
