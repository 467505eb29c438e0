// SPDX-License-Identifier: GPL-2.0-or-later
// The router description to YAML, as far as it is changed behind the user's back.
#include <fmt/format.h>

#include "generator/description/router_description.hpp"

namespace secct::generator {
namespace {

std::string hex_text(View octets) { return "0x" + to_hex(octets); }

// As read_field() takes it.
std::string value_text(const Node& field) {
  if (const auto number = field.number()) return std::to_string(*number);
  const auto& octets = *field.octets();
  if (row(field.field).type != FieldType::text) return hex_text(octets);
  return {octets.begin(), octets.end()};
}

// {type, value} of additional data or static profile: the type comes first.
YAML::Node written(const std::vector<Node>& entries) {
  YAML::Node list(YAML::NodeType::Sequence);
  for (const auto& entry : entries) {
    YAML::Node item;
    for (const auto& field : entry.children) {
      if (&field == &entry.children.front()) {
        item["type"] = value_text(field);
      } else {
        item["value"].push_back(value_text(field));
      }
    }
    list.push_back(item);
  }
  return list;
}

YAML::Node written(const SaPattern& pattern) {
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
  if (!context.window.empty()) node["window"] = hex_text(context.window);
  node["source_port"] = context.source_port;
  node["destination_port"] = context.destination_port;
  put("source_private_id", context.source_private_id);
  put("destination_private_id", context.destination_private_id);
  if (!context.additional.empty()) node["additional"] = written(context.additional);
  if (!context.static_profile.empty()) node["static_profile"] = written(context.static_profile);
  return node;
}

YAML::Node written(const Policies& policies) {
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

YAML::Node description_of(const RouterDescription& description, const YAML::Node& base) {
  auto yaml = YAML::Clone(base);
  yaml["policies"] = written(description.policies);
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
    for (const auto& pattern : more.sas) entry["sas"].push_back(written(pattern));
    nodes["more"].push_back(entry);
  }
  return yaml;
}

}  // namespace secct::generator
