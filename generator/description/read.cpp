// SPDX-License-Identifier: GPL-2.0-or-later
// Router descriptions from YAML.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "embedded/description.hpp"
#include "generator/description/router_description.hpp"
#include "generator/description/yaml_lists.hpp"
#include "generator/document/yaml.hpp"

namespace secct::generator {
namespace {

constexpr const char* built_in = "built-in description";
constexpr std::uint64_t least_mtu = 1280;  // RFC 2460 5
constexpr std::string_view capabilities[] = {
    "predictive", "reactive", "fallback", "pshin",   "trigger", "stateful",
    "esp",        "ipv4",     "mixed",    "private", "ipcomp",  "static-profile",
    "pmtu",       "r4",       "bundles",  "traffic", "mip4"};

Address required_address(YamlMap& map, const std::string& key) {
  map.require(key);
  return *map.address(key);
}

Prefix read_prefix(YamlMap& map, const std::string& key) {
  map.require(key);
  const auto text = map.text(key, "");
  const auto slash = text.find('/');
  Prefix prefix;
  const auto length = slash == std::string::npos
                          ? std::nullopt
                          : to_number(std::string_view(text).substr(slash + 1));
  if (!length || *length > 128 ||
      !parse_v6(std::string_view(text).substr(0, slash), prefix.address)) {
    yaml_error(map.at(key), map.get(key),
               fmt::format("expected an IPv6 prefix such as 2001:db8:10::/64, found '{}'", text));
  }
  if (*length > longest_prefix) {
    yaml_error(map.at(key), map.get(key),
               fmt::format("expected a length of at most {}, found {}: the last 32 bits of the "
                           "addresses number the mobile nodes",
                           longest_prefix, *length));
  }
  prefix.length = static_cast<std::uint8_t>(*length);
  prefix.address = prefix_of(prefix.address, prefix.length);
  return prefix;
}

void read_prefixes(YamlMap& map, RouterDescription& description) {
  description.old_prefix = read_prefix(map, "old_prefix");
  description.new_prefix = read_prefix(map, "new_prefix");
  if (description.old_prefix.address == description.new_prefix.address) {
    yaml_error(map.at("new_prefix"), map.get("new_prefix"),
               "each mobile node has the same address in old_prefix and new_prefix; expected two "
               "prefixes of different links");
  }
}

bool has_role(const RouterDescription& description, Role role) {
  return std::ranges::find(description.roles, role) != description.roles.end();
}

// The addresses of both routers. The messages between them are sent over IPv6 or IPv4
// (wire-format.md D17), those of mobile nodes over IPv6, except for the role fa.
void read_addresses(YamlMap& map, RouterDescription& description) {
  const auto check_version = [&](YamlMap& of, const std::string& key, const Address& address,
                                 bool v4, const char* why) {
    if (is_v4_mapped(address) == v4) return;
    yaml_error(of.at(key), of.get(key),
               fmt::format("expected an {} address{}", v4 ? "IPv4" : "IPv6", why));
  };
  description.address = required_address(map, "address");
  description.peer = required_address(map, "peer");
  const bool v4 = is_v4_mapped(description.address);
  check_version(map, "peer", description.peer, v4, ", as 'address' is one");
  if (const auto node = map.get("ipv4"); node.IsDefined() && !node.IsNull()) {
    YamlMap own(node, map.at("ipv4"));
    description.ipv4_address = required_address(own, "address");
    description.ipv4_peer = required_address(own, "peer");
    check_version(own, "address", description.ipv4_address, true, "");
    check_version(own, "peer", description.ipv4_peer, true, "");
    own.finish();
  } else if (v4) {
    description.ipv4_address = description.address;
    description.ipv4_peer = description.peer;
  }
  description.mn_address = map.address("mn_address").value_or(description.address);
  if (has_role(description, Role::nr) || has_role(description, Role::pr)) {
    if (v4 && !map.has("mn_address")) {
      yaml_error(map.place(), map.node(),
                 "'mn_address' is missing: 'address' is an IPv4 address, but mobile nodes send "
                 "SHIN and P-SHIN over IPv6");
    }
    check_version(map, "mn_address", description.mn_address, false,
                  ": mobile nodes send SHIN and P-SHIN over IPv6");
  }
  description.mn_peer = description.peer;
  if (v4) {
    description.mn_peer = description.old_prefix.address;
    description.mn_peer.back() = 1;
  }
  if (const auto mn_peer = map.address("mn_peer")) {
    description.mn_peer = *mn_peer;
    check_version(map, "mn_peer", description.mn_peer, false, "");
  }
}

}  // namespace

std::span<const std::string_view> capability_names() { return capabilities; }

std::vector<std::string> read_capabilities(YamlMap& map, const std::string& key) {
  auto names = map.texts(key);
  for (const auto& name : names) {
    if (std::ranges::find(capabilities, name) != std::end(capabilities)) continue;
    yaml_error(map.at(key), map.get(key),
               fmt::format("unknown capability '{}'{}", name, suggestion(name, capabilities)));
  }
  return names;
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
  for (const auto& item : list_of(map, "router_sas")) {
    YamlMap entry(item, entry_place(map, "router_sas", i++));
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

// SPIs below 256 are reserved (RFC 2402 2.4): no router may transfer such an SA. `position` is that
// of the SA in the list, `nodes` are the numbers of the mobile nodes.
void check_spis(const YamlPlace& place, const YAML::Node& item, const SaPattern& pattern,
                std::uint64_t position, std::pair<std::uint64_t, std::uint64_t> nodes) {
  constexpr std::uint64_t reserved = 256;
  constexpr std::uint64_t numbers = std::uint64_t{1} << 32;
  const auto spt = find_spt(pattern.context.spt).value_or(Spt{});
  if (pattern.type < 3 || spt.protocol == SptProtocol::ipcomp || pattern.repeat == 0) return;
  for (const auto from : {std::uint64_t{0}, numbers}) {
    // The first mobile node with an SPI from `from` on.
    const auto base = pattern.spi_base + position;
    const auto offset = from > base
                            ? (from - base + spis_per_mobile_node - 1) / spis_per_mobile_node
                            : std::uint64_t{0};
    const auto node = std::max(nodes.first, offset);
    const auto spi = base + spis_per_mobile_node * node;
    if (node > nodes.second || spi < from || spi >= from + reserved) continue;
    yaml_error(
        place, item,
        fmt::format("mobile node {} has the SPI {}, but SPIs below {} are reserved (RFC 2402 "
                    "2.4); expected another spi_base",
                    node, spi - from, reserved));
  }
}

// `nodes`: the first and the last number of the mobile nodes.
std::vector<SaPattern> read_sas(YamlMap& map, const RouterDescription& description,
                                std::pair<std::uint64_t, std::uint64_t> nodes) {
  std::vector<SaPattern> sas;
  std::size_t i = 0;
  std::uint32_t count = 0;
  for (const auto& item : list_of(map, "sas")) {
    const auto place = entry_place(map, "sas", i++);
    sas.push_back(read_sa_pattern(item, place));
    check_spis(place, item, sas.back(), count, nodes);
    count += sas.back().repeat;
    if (count > spis_per_mobile_node) {
      yaml_error(place, item,
                 fmt::format("{} SAs including repetitions; a mobile node has at most {}", count,
                             spis_per_mobile_node));
    }
    if (sas.back().ends_at_router_v4() && is_unspecified(description.ipv4_address)) {
      yaml_error(place, item,
                 fmt::format("{} ends at an IPv4 address of the router, but the description has no "
                             "key 'ipv4'",
                             spt_name(sas.back().context.spt)));
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
  description.sas = read_sas(nodes, description, {1, description.mobile_node_count});
  std::size_t i = 0;
  for (const auto& item : list_of(nodes, "more")) {
    YamlMap entry(item, entry_place(nodes, "more", i++));
    entry.require("count");
    MoreNodes more;
    more.count = static_cast<std::uint32_t>(
        entry.number("count", 0, most_mobile_nodes - description.last_mobile_node()));
    const auto before = description.last_mobile_node();
    more.sas = read_sas(entry, description, {before + 1U, before + more.count});
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
               "expected a number greater than 0 and at most 1000");
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
  read_prefixes(map, description);
  read_addresses(map, description);
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
