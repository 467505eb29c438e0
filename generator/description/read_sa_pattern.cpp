// SPDX-License-Identifier: GPL-2.0-or-later
// An SA of a router description (an entry of `sas`) from YAML.
#include <algorithm>

#include <fmt/format.h>

#include "generator/description/mobile_nodes.hpp"
#include "generator/description/router_description.hpp"
#include "generator/description/typed_list.hpp"
#include "generator/document/yaml.hpp"
#include "protocol/encode/encode.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct::generator {
namespace {

// docs/cli.md, "Ends of an SA".
void check_ends(YamlMap& map, const SaPattern& pattern) {
  const bool ends_at_mn = pattern.type == 2 || pattern.type == 5;
  if (pattern.type == 0) {
    yaml_error(map.at("type"), map.get("type"), "expected a number from 1 to 5, found '0'");
  }
  if (ends_at_mn && pattern.direction != Direction::to_mn &&
      pattern.direction != Direction::from_mn) {
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

// Rejects an SA that a SHREP cannot carry.
void check_profile(YamlMap& map, const SaPattern& pattern) {
  const auto& context = pattern.context;
  const auto spt = find_spt(context.spt);
  if (!spt) {
    yaml_error(map.at("spt"), map.get("spt"),
               fmt::format("unknown SPT {}, see 'secct list spts'", context.spt));
  }
  if (pattern.key_length && !spt->key_length_fits(*pattern.key_length)) {
    yaml_error(map.at("key_length"), map.get("key_length"),
               fmt::format("{} does not allow a key of {} octets", spt_name(context.spt),
                           *pattern.key_length));
  }
  const bool swapped = is_inward(pattern.direction);
  check_family(map, "remote", pattern.remote, swapped ? spt->source_v4 : spt->destination_v4);
  check_family(map, "local", pattern.local, swapped ? spt->destination_v4 : spt->source_v4);
  const auto require_support = [&](const char* key, bool allowed, const char* what) {
    if (map.has(key) && !allowed) {
      yaml_error(map.at(key), map.get(key),
                 fmt::format("{} has no {}", spt_name(context.spt), what));
    }
  };
  if (context.lifetime == 0) {
    yaml_error(map.at("lifetime"), map.get("lifetime"),
               "expected at least 1: an SA whose lifetime is over cannot be transferred");
  }
  require_support("source_private_id", spt->source_private, "private source");
  require_support("destination_private_id", spt->destination_private, "private destination");
  require_support("additional", spt->additional, "additional security data");
  require_support("static_profile", spt->static_profile, "static profile");
  if (context.source_port + context.destination_port != 0 && !has_ports(context.protocol)) {
    yaml_error(map.at("protocol"), map.has("protocol") ? map.get("protocol") : map.node(),
               "expected a protocol with ports, such as udp: the SA has a port as a selector");
  }
  const std::size_t octets = (context.window_size + 7U) / 8U;
  if (!context.window.empty() && context.window.size() != octets) {
    yaml_error(map.at("window"), map.get("window"),
               fmt::format("expected {} octets for a window_size of {}, found {}", octets,
                           context.window_size, context.window.size()));
  }
  const auto padding = static_cast<std::uint8_t>(0xffU >> ((context.window_size + 7U) % 8U + 1U));
  if (!context.window.empty() && (context.window.back() & padding) != 0) {
    yaml_error(map.at("window"), map.get("window"),
               fmt::format("the bits after the first {} are padding; expected zeros",
                           context.window_size));
  }
}

// Rejects an SA whose context is too long for a SecCT-rep.
void check_size(YamlMap& map, const SaPattern& pattern) {
  constexpr std::size_t most_octets = largest_sub_option - 2;  // without type and length
  const RouterDescription unused;
  const std::vector<SaPattern> sas{pattern};
  const auto node = MobileNodeFactory(unused, Role::nr, sas).blank();
  const auto context = to_node(node.sas.front().context);
  const auto octets = encode_group({}, Message::shrep, context, {}).octets.size();
  if (octets > most_octets) {
    yaml_error(map.place(), map.node(),
               fmt::format("the context of this SA has {} octets, but a SecCT-rep holds at most {} "
                           "(wire-format.md 6.2); expected a smaller window, shorter additional "
                           "data or a shorter static profile",
                           octets, most_octets));
  }
}

}  // namespace

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
  context.additional = read_typed_list(map, "additional", Field::additional);
  context.static_profile = read_typed_list(map, "static_profile", Field::static_profile);
  check_ends(map, pattern);
  check_profile(map, pattern);
  map.finish();
  check_size(map, pattern);
  return pattern;
}

}  // namespace secct::generator
