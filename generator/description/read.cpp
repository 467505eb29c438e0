// SPDX-License-Identifier: GPL-2.0-or-later
// The router description from YAML.
#include <algorithm>

#include <fmt/format.h>

#include "embedded/description.hpp"
#include "generator/description/router_description.hpp"
#include "generator/document/yaml.hpp"

namespace secct::generator {
namespace {

constexpr const char* built_in = "built-in lab";
constexpr std::uint64_t least_mtu = 1280;  // of IPv6, RFC 2460 5
constexpr std::string_view capabilities[] = {
    "predictive", "reactive", "fallback", "pshin",   "trigger", "stateful",
    "esp",        "ipv4",     "mixed",    "private", "ipcomp",  "static-profile",
    "pmtu",       "r4",       "bundles",  "traffic", "mip4"};

Address required_address(YamlMap& map, const std::string& key) {
  map.require(key);
  return *map.address(key);
}

Address prefix(YamlMap& map, const std::string& key) {
  map.require(key);
  const auto text = map.text(key, "");
  const auto slash = text.find('/');
  Address address{};
  if (slash == std::string::npos || text.substr(slash) != "/64" ||
      !parse_v6(std::string_view(text).substr(0, slash), address)) {
    yaml_error(map.at(key), map.get(key),
               fmt::format("expected an IPv6 prefix /64, found '{}'", text));
  }
  std::fill(address.begin() + 8, address.end(), std::uint8_t{0});
  return address;
}

std::vector<YAML::Node> list(YamlMap& map, const std::string& key) {
  const auto node = map.get(key);
  if (!node.IsDefined() || node.IsNull()) return {};
  if (!node.IsSequence()) yaml_error(map.at(key), node, "expected a list (- ...)");
  return {node.begin(), node.end()};
}

YamlPlace item_place(const YamlMap& map, std::string_view key, std::size_t i) {
  return {map.place().file, fmt::format("{}[{}]", map.at(key).path, i)};
}

// `value` of an entry of additional data or static profile: as many as its type has. The key of an
// ESP authentication may be left out.
void read_values(YamlMap& entry, Field group, std::uint8_t type, Node& node) {
  const auto texts = entry.texts("value");
  const auto value = [&](Field field, const std::string& text) {
    node.children.push_back(read_field({}, field, text, entry.at("value"), entry.get("value")));
  };
  const auto* known = group == Field::additional ? find_data(type) : nullptr;
  if (group == Field::static_profile) {
    for (const auto& text : texts) value(Field::preference_value, text);
    return;
  }
  std::vector<Field> fields{Field::data_value};
  if (known != nullptr) {
    fields.clear();
    for (const auto& step : known->value) fields.push_back(step.field);
  }
  const std::size_t least = fields.back() == Field::data_auth_key ? 1 : fields.size();
  if (texts.size() < least || texts.size() > fields.size()) {
    yaml_error(entry.at("value"), entry.node(),
               fmt::format("expected {} of them, found {}",
                           least == fields.size() ? fmt::format("{}", least)
                                                  : fmt::format("{} or {}", least, fields.size()),
                           texts.size()));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) value(fields[i], texts[i]);
}

// A list of {type, value}: additional data or static profile, types by name or number.
std::vector<Node> typed_list(YamlMap& map, const std::string& key, Field group, Field type_field) {
  std::vector<Node> nodes;
  const CodePoints codepoints;
  std::size_t i = 0;
  for (const auto& item : list(map, key)) {
    YamlMap entry(item, item_place(map, key, i++));
    entry.require("type");
    Node node(group);
    const auto type = read_field(codepoints, type_field, entry.text("type", ""), entry.at("type"),
                                 entry.get("type"));
    const auto number = static_cast<std::uint8_t>(type.number().value_or(0));
    node.children.push_back(type);
    read_values(entry, group, number, node);
    entry.finish();
    nodes.push_back(std::move(node));
  }
  return nodes;
}

// docs/cli.md, "Ends of an SA".
void check_ends(YamlMap& map, const SaPattern& pattern) {
  const bool ends_at_mn = pattern.type == 2 || pattern.type == 5;
  if (pattern.type == 0) {
    yaml_error(map.at("type"), map.get("type"), "expected a number from 1 to 5, found '0'");
  }
  if (ends_at_mn && pattern.direction == Direction::out) {
    yaml_error(map.at("direction"), map.get("direction"),
               fmt::format("expected to-mn or from-mn: an SA of type {} ends at the mobile node",
                           pattern.type));
  }
  if (pattern.type != 5) map.require("remote");
  if (pattern.type == 1) map.require("local");
}

void check_family(YamlMap& map, const std::string& key, const std::optional<Address>& address,
                  bool v4) {
  if (address && is_v4_mapped(*address) != v4) {
    yaml_error(map.at(key), map.get(key),
               fmt::format("expected an {} address for this SPT", v4 ? "IPv4" : "IPv6"));
  }
}

// What no router could hand over as it stands.
void check_profile(YamlMap& map, const SaPattern& pattern) {
  const auto& context = pattern.context;
  const auto spt = find_spt(context.spt);
  if (!spt) yaml_error(map.at("spt"), map.get("spt"), "expected a known SPT");
  if (pattern.key_length && !spt->key_length_fits(*pattern.key_length)) {
    yaml_error(map.at("key_length"), map.get("key_length"),
               fmt::format("{} octets do not fit {}", *pattern.key_length, spt_name(context.spt)));
  }
  const bool swapped = pattern.direction == Direction::to_mn;
  check_family(map, "remote", pattern.remote, swapped ? spt->source_v4 : spt->destination_v4);
  check_family(map, "local", pattern.local, swapped ? spt->destination_v4 : spt->source_v4);
  const auto only_with = [&](const char* key, bool allowed, const char* what) {
    if (map.has(key) && !allowed) {
      yaml_error(map.at(key), map.get(key),
                 fmt::format("{} has no {}", spt_name(context.spt), what));
    }
  };
  only_with("source_private_id", spt->source_private, "private source");
  only_with("destination_private_id", spt->destination_private, "private destination");
  only_with("additional", spt->additional, "additional security data");
  only_with("static_profile", spt->static_profile, "static profile");
  const std::size_t octets = (context.window_size + 7U) / 8U;
  if (!context.window.empty() && context.window.size() != octets) {
    yaml_error(map.at("window"), map.get("window"),
               fmt::format("expected {} octets for a window_size of {}, found {}", octets,
                           context.window_size, context.window.size()));
  }
}

}  // namespace

std::span<const std::string_view> capability_names() { return capabilities; }

SaPattern read_sa_pattern(const YAML::Node& node, const YamlPlace& place,
                          std::optional<std::uint32_t> spi_base) {
  YamlMap map(node, place);
  SaPattern pattern;
  map.require("type");
  map.require("direction");
  map.require("spt");
  if (!spi_base) map.require("spi_base");
  pattern.type = static_cast<int>(map.number("type", 5, 5));
  pattern.direction = static_cast<Direction>(map.choice("direction", direction_names).value_or(0));
  pattern.spi_base =
      static_cast<std::uint32_t>(map.number("spi_base", spi_base.value_or(0), 0xffffffff));
  pattern.repeat = static_cast<std::uint32_t>(map.number("repeat", 1, spis_per_mobile_node));
  pattern.local = map.address("local");
  pattern.remote = map.address("remote");
  if (map.has("key_length")) {
    pattern.key_length = static_cast<std::uint8_t>(map.number("key_length", 0, 255));
  }
  auto& context = pattern.context;
  const auto spt = read_field({}, Field::spt, map.text("spt", ""), map.at("spt"), map.get("spt"));
  context.spt = static_cast<std::uint16_t>(spt.number().value_or(0));
  const auto protocol = map.text("protocol", "0");
  context.protocol = static_cast<std::uint8_t>(
      read_field({}, Field::sa_protocol, protocol, map.at("protocol"), map.get("protocol"))
          .number()
          .value_or(0));
  context.sequence = static_cast<std::uint32_t>(map.number("sequence", 1, 0xffffffff));
  context.lifetime = static_cast<std::uint32_t>(map.number("lifetime", 3600, 0xffffffff));
  context.window_size = static_cast<std::uint8_t>(map.number("window_size", 0, 255));
  context.window = map.hex("window").value_or(Octets());
  context.source_port = static_cast<std::uint16_t>(map.number("source_port", 0, 0xffff));
  context.destination_port = static_cast<std::uint16_t>(map.number("destination_port", 0, 0xffff));
  const auto id = [&](const char* key) -> std::optional<std::uint32_t> {
    if (!map.has(key)) {
      static_cast<void>(map.get(key));
      return std::nullopt;
    }
    return static_cast<std::uint32_t>(map.number(key, 0, 0xffffffff));
  };
  context.source_private_id = id("source_private_id");
  context.destination_private_id = id("destination_private_id");
  context.additional = typed_list(map, "additional", Field::additional, Field::data_type);
  context.static_profile =
      typed_list(map, "static_profile", Field::static_profile, Field::preference_type);
  check_ends(map, pattern);
  check_profile(map, pattern);
  map.finish();
  return pattern;
}

PolicyChoice read_policies(const YAML::Node& node, const YamlPlace& place) {
  PolicyChoice choice;
  if (!node.IsDefined() || node.IsNull()) return choice;
  YamlMap map(node, place);
  const auto flag = [&](const char* key) -> std::optional<bool> {
    const bool given = map.has(key);
    const bool value = map.flag(key, false);
    return given ? std::optional(value) : std::nullopt;
  };
  if (const auto number = map.choice("spi_conflict", spi_conflict_names)) {
    choice.spi_conflict = static_cast<SpiConflict>(*number);
  }
  choice.confidential = flag("confidential");
  if (const auto number = map.choice("static_profile", static_profile_names)) {
    choice.prefer_static_profile = *number == 1;
  }
  choice.stateful = flag("stateful");
  map.finish();
  return choice;
}

namespace {

void read_router_sas(YamlMap& map, RouterDescription& description) {
  constexpr std::string_view ends[] = {"peer", "dut"};
  std::size_t i = 0;
  for (const auto& item : list(map, "router_sas")) {
    YamlMap entry(item, item_place(map, "router_sas", i++));
    RouterSa sa;
    entry.require("from");
    sa.sa = read_sa(entry);
    sa.from_dut = entry.choice("from", ends).value_or(0) == 1;
    sa.sa.source = sa.from_dut ? description.address : description.peer;
    sa.sa.destination = sa.from_dut ? description.peer : description.address;
    if (entry.has("sequence")) {
      sa.sequence = static_cast<std::uint32_t>(entry.number("sequence", 1, 0xffffffff));
    }
    entry.finish();
    description.router_sas.push_back(std::move(sa));
  }
}

std::vector<SaPattern> read_sas(YamlMap& map, const RouterDescription& description) {
  std::vector<SaPattern> sas;
  std::size_t i = 0;
  std::uint32_t count = 0;
  for (const auto& item : list(map, "sas")) {
    const auto place = item_place(map, "sas", i++);
    sas.push_back(read_sa_pattern(item, place));
    count += sas.back().repeat;
    if (count > spis_per_mobile_node) {
      yaml_error(place, item,
                 fmt::format("{} SAs with its repetitions; a mobile node has at most {}", count,
                             spis_per_mobile_node));
    }
    const auto spt = find_spt(sas.back().context.spt).value_or(Spt{});
    if ((spt.source_v4 || spt.destination_v4) && is_unspecified(description.ipv4_address)) {
      yaml_error(place, item, fmt::format("{} needs 'ipv4' of the router", spt_name(spt.number)));
    }
  }
  return sas;
}

void read_mobile_nodes(YamlMap& map, RouterDescription& description) {
  if (!map.has("mobile_nodes")) {
    static_cast<void>(map.get("mobile_nodes"));
    return;
  }
  YamlMap nodes(map.get("mobile_nodes"), map.at("mobile_nodes"));
  description.mobile_node_count =
      static_cast<std::uint32_t>(nodes.number("count", 1024, most_mobile_nodes));
  description.token_key = nodes.hex("token_key").value_or(Octets());
  description.sa_key = nodes.hex("sa_key").value_or(Octets());
  description.sas = read_sas(nodes, description);
  std::size_t i = 0;
  for (const auto& item : list(nodes, "more")) {
    YamlMap entry(item, item_place(nodes, "more", i++));
    entry.require("count");
    MoreNodes more;
    more.count = static_cast<std::uint32_t>(
        entry.number("count", 0, most_mobile_nodes - description.last_mobile_node()));
    more.sas = read_sas(entry, description);
    entry.finish();
    description.more_nodes.push_back(std::move(more));
  }
  nodes.finish();
}

void read_rest(YamlMap& map, RouterDescription& description) {
  for (const auto& text : map.texts("spi_in_use")) {
    const auto spi = to_number(text);
    if (!spi || *spi > 0xffffffff) {
      yaml_error(map.at("spi_in_use"), map.get("spi_in_use"),
                 fmt::format("expected SPIs, found '{}'", text));
    }
    description.spi_in_use.push_back(static_cast<std::uint32_t>(*spi));
  }
  for (const auto& text : map.texts("ncoa_in_use")) {
    const auto address = to_ip(text);
    if (!address) {
      yaml_error(map.at("ncoa_in_use"), map.get("ncoa_in_use"),
                 fmt::format("expected IP addresses, found '{}'", text));
    }
    description.ncoa_in_use.push_back(*address);
  }
  description.capabilities = map.texts("capabilities");
  for (const auto& capability : description.capabilities) {
    if (std::ranges::find(capabilities, capability) == std::end(capabilities)) {
      yaml_error(map.at("capabilities"), map.get("capabilities"),
                 fmt::format("unknown capability '{}'{}", capability,
                             suggestion(capability, capabilities)));
    }
  }
  if (const auto node = map.get("hooks"); node.IsDefined() && !node.IsNull()) {
    YamlMap hooks(node, map.at("hooks"));
    description.hooks = {hooks.text("reset", ""), hooks.text("provision", ""),
                         hooks.text("trigger", ""), hooks.text("configure", "")};
    hooks.finish();
  }
  constexpr std::string_view liveness[] = {"echo", "none"};
  description.liveness_echo = map.choice("liveness", liveness).value_or(0) == 0;
  description.timing_scale = map.real("timing_scale", 1.0);
  if (!(description.timing_scale > 0 && description.timing_scale <= 1000)) {
    yaml_error(map.at("timing_scale"), map.get("timing_scale"),
               "expected more than 0, at most 1000");
  }
}

}  // namespace

RouterDescription read_description(const YAML::Node& root, const std::string& file) {
  YamlMap map(root, {file, ""});
  RouterDescription description;
  description.name = map.text("name", "router");
  for (const auto& text : map.texts("roles")) {
    const auto role = find_role(text);
    if (!role) {
      yaml_error(map.at("roles"), map.get("roles"),
                 fmt::format("expected nr, pr or fa, found '{}'", text));
    }
    description.roles.push_back(*role);
  }
  description.address = required_address(map, "address");
  description.mn_address = map.address("mn_address").value_or(description.address);
  description.peer = required_address(map, "peer");
  if (const auto node = map.get("ipv4"); node.IsDefined() && !node.IsNull()) {
    YamlMap v4(node, map.at("ipv4"));
    description.ipv4_address = required_address(v4, "address");
    description.ipv4_peer = required_address(v4, "peer");
    v4.finish();
  }
  description.old_prefix = prefix(map, "old_prefix");
  description.new_prefix = prefix(map, "new_prefix");
  description.mtu = static_cast<std::uint32_t>(map.number("mtu", 1500, 65535));
  if (description.mtu < least_mtu) {
    yaml_error(map.at("mtu"), map.get("mtu"), fmt::format("expected at least {}", least_mtu));
  }
  read_codepoints(map.get("codepoints"), map.at("codepoints"), description.codepoints);
  read_router_sas(map, description);
  read_mobile_nodes(map, description);
  description.policies = read_policies(map.get("policies"), map.at("policies")).over({});
  read_rest(map, description);
  map.finish();
  return description;
}

RouterDescription load_description(const std::string& file) {
  return read_description(load_yaml(file), file);
}

YAML::Node built_in_yaml() {
  return parse_yaml(std::string(embedded::description()[0].contents), built_in);
}

RouterDescription built_in_description() { return read_description(built_in_yaml(), built_in); }

}  // namespace secct::generator
