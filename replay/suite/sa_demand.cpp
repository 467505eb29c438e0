// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/sa_demand.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generator/document/yaml.hpp"
#include "generator/handover/handover.hpp"

namespace secct::replay {
namespace {

constexpr std::string_view ipsec_names[] = {"ah", "esp"};
constexpr std::string_view end_names[] = {"V6-V6",  "V4-V4",  "V4-V6",   "V6-V4",
                                          "V6P-V6", "V6-V6P", "V6P-V6P", "V4P-V4"};
constexpr const char* some_value = "some";
// A sequence number from which a P-SHIN can be sent and repeated.
constexpr std::uint32_t last_pshin_sequence = 0xffffff00;

// A value of an SA that a case can state. Those of `local`, `remote`, `spi_base` and `repeat` only
// define the SA that the tester makes.
struct ValueRow {
  std::string_view name;
  bool (*equal)(const SaPattern& a, const SaPattern& b);
  // The number that `some` requires not to be 0; nullptr: the value has no `some`.
  std::uint32_t (*number)(const SaPattern& sa) = nullptr;
  std::string_view example = {};  // for `some`
};

std::uint8_t key_octets(const SaPattern& sa) {
  return sa.key_length.value_or(find_spt(sa.context.spt).value_or(Spt{}).key_length());
}

bool same_list(const std::vector<Node>& a, const std::vector<Node>& b) {
  Context one;
  Context other;
  one.additional = a;
  other.additional = b;
  return one == other;
}

constexpr ValueRow values[] = {
    {"direction", [](const auto& a, const auto& b) { return a.direction == b.direction; }},
    {"protocol",
     [](const auto& a, const auto& b) { return a.context.protocol == b.context.protocol; },
     [](const auto& sa) { return std::uint32_t{sa.context.protocol}; }, "udp"},
    {"source_port",
     [](const auto& a, const auto& b) { return a.context.source_port == b.context.source_port; },
     [](const auto& sa) { return std::uint32_t{sa.context.source_port}; }, "5000"},
    {"destination_port",
     [](const auto& a, const auto& b) {
       return a.context.destination_port == b.context.destination_port;
     },
     [](const auto& sa) { return std::uint32_t{sa.context.destination_port}; }, "7"},
    {"sequence",
     [](const auto& a, const auto& b) { return a.context.sequence == b.context.sequence; }},
    {"lifetime",
     [](const auto& a, const auto& b) { return a.context.lifetime == b.context.lifetime; }},
    {"window_size",
     [](const auto& a, const auto& b) { return a.context.window_size == b.context.window_size; }},
    {"window", [](const auto& a, const auto& b) { return a.context.window == b.context.window; }},
    {"key_length", [](const auto& a, const auto& b) { return key_octets(a) == key_octets(b); }},
    {"source_private_id",
     [](const auto& a, const auto& b) {
       return a.context.source_private_id == b.context.source_private_id;
     },
     [](const auto& sa) { return sa.context.source_private_id.value_or(0); }, "77"},
    {"destination_private_id",
     [](const auto& a, const auto& b) {
       return a.context.destination_private_id == b.context.destination_private_id;
     },
     [](const auto& sa) { return sa.context.destination_private_id.value_or(0); }, "78"},
    {"additional",
     [](const auto& a, const auto& b) {
       return same_list(a.context.additional, b.context.additional);
     }},
    {"static_profile",
     [](const auto& a, const auto& b) {
       return same_list(a.context.static_profile, b.context.static_profile);
     }},
};

bool states(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string ends_of(const Spt& spt) {
  return fmt::format("V{}{}-V{}{}", spt.source_v4 ? 4 : 6, spt.source_private ? "P" : "",
                     spt.destination_v4 ? 4 : 6, spt.destination_private ? "P" : "");
}

// The SPT of the SA that the tester makes if the case states none: HMAC-SHA1 or AES-CBC; a tunnel,
// unless both ends are public IPv6 addresses.
std::uint16_t default_spt(std::optional<SptProtocol> ipsec, const std::string& ends) {
  const bool esp = ipsec == SptProtocol::esp;
  const auto& wanted = ends.empty() ? std::string(end_names[0]) : ends;
  const auto name = fmt::format("{}-{}-{}-{}", esp ? "ESP" : "AH",
                                wanted == end_names[0] ? "TRANSPORT" : "TUNNEL",
                                esp ? "AES-CBC" : "HMACSHA1", wanted);
  return parse_spt(name).value_or(0);
}

std::vector<std::string> selector_data(const SaPattern& sa) {
  std::vector<std::string> list;
  for (const auto& data : sa.context.additional) {
    if (is_selector(data)) list.push_back(std::to_string(data_type(data)));
  }
  return list;
}

// The port ranges of wire-format.md 7.3: the SA has other ports than its port fields say.
bool has_port_ranges(const SaPattern& sa) {
  const auto list = selector_data(sa);
  return states(list, "131") || states(list, "132");
}

bool can_protect_pshin(const SaPattern& sa) {
  return sa.context.protocol == 0 && sa.context.source_port == 0 &&
         sa.context.destination_port == 0 && selector_data(sa).empty() &&
         sa.context.sequence < last_pshin_sequence;
}

std::vector<std::string> undeclared(std::uint16_t spt, const RouterDescription& description) {
  std::vector<std::string> names;
  for (const auto name : capabilities_for(spt)) {
    if (!description.capable(name)) names.emplace_back(name);
  }
  return names;
}

// The SPT of the SA that the tester hands over.
std::uint16_t supported_spt(const SaDemand& demand, const RouterDescription& description) {
  const auto found = std::ranges::find_if(
      demand.spts, [&](auto spt) { return undeclared(spt, description).empty(); });
  return found != demand.spts.end() ? *found : demand.sa.context.spt;
}

// One pattern per SA.
std::vector<const SaPattern*> expanded(const std::vector<SaPattern>& sas) {
  std::vector<const SaPattern*> list;
  for (const auto& sa : sas) list.insert(list.end(), sa.repeat, &sa);
  return list;
}

// Assigns each demand another SA: augmenting paths (Kuhn).
class Assignment {
 public:
  explicit Assignment(std::vector<std::vector<std::size_t>> candidates)
      : candidates_(std::move(candidates)) {}

  std::optional<std::vector<std::size_t>> run() {
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      tried_.clear();
      if (!assign(i)) return std::nullopt;
    }
    std::vector<std::size_t> result(candidates_.size());
    for (const auto& [sa, demand] : owner_) result[demand] = sa;
    return result;
  }

 private:
  bool assign(std::size_t demand) {
    for (const auto sa : candidates_[demand]) {
      if (!tried_.emplace(sa, true).second) continue;
      const auto owner = owner_.find(sa);
      if (owner == owner_.end() || assign(owner->second)) {
        owner_[sa] = demand;
        return true;
      }
    }
    return false;
  }

  std::vector<std::vector<std::size_t>> candidates_;
  std::map<std::size_t, std::size_t> owner_;  // SA, demand
  std::map<std::size_t, bool> tried_;
};

bool exceeds(Exceeded what, const RouterDescription& description, std::uint32_t number) {
  const auto contexts = description.mobile_node(number, Role::pr).transferable();
  constexpr std::size_t stat_octets = 4;
  switch (what) {
    case Exceeded::sub_option: return rep_nodes(description.codepoints, contexts).size() > 1;
    case Exceeded::mtu: return rep_octets(description.codepoints, contexts) > description.mtu;
    case Exceeded::message:
      return split_contexts(description.codepoints, contexts, stat_octets).size() > 1;
  }
  return false;
}

// The SAs that the demands can choose from. An SA whose SPI another SA of the mobile node has too
// cannot be requested by its SPI alone.
std::vector<bool> distinct_spis(const MobileNode& node) {
  std::vector<bool> distinct;
  for (const auto& sa : node.sas) {
    distinct.push_back(std::ranges::count_if(node.sas, [&](const auto& other) {
                         return other.context.spi == sa.context.spi;
                       }) == 1);
  }
  return distinct;
}

std::optional<std::vector<std::size_t>> assign(const SaDemands& demands, const MobileNode& node,
                                               const std::vector<const SaPattern*>& sas,
                                               const std::vector<bool>& allowed) {
  const auto pshin = pshin_sa(node.sas);
  std::vector<std::vector<std::size_t>> candidates(demands.list.size());
  for (std::size_t i = 0; i < demands.list.size(); ++i) {
    const auto& demand = demands.list[i];
    for (std::size_t j = 0; j < sas.size(); ++j) {
      if (demand.protects_pshin) {
        // Another demand may be met by the same SA.
        if (pshin == j && can_protect_pshin(*sas[j])) candidates[i] = {node.sas.size() + j};
      } else if (allowed[j] && demand.is_met_by(*sas[j])) {
        candidates[i].push_back(j);
      }
    }
  }
  auto found = Assignment(std::move(candidates)).run();
  if (!found) return std::nullopt;
  for (auto& sa : *found) sa %= node.sas.size();
  return found;
}

// The same for SAs that have the same SPI.
std::optional<std::vector<std::size_t>> assign_same_spi(const SaDemands& demands,
                                                        const MobileNode& node,
                                                        const std::vector<const SaPattern*>& sas) {
  for (const auto& first : node.sas) {
    std::vector<bool> allowed;
    for (const auto& sa : node.sas) allowed.push_back(sa.context.spi == first.context.spi);
    if (auto found = assign(demands, node, sas, allowed)) return found;
  }
  return std::nullopt;
}

std::string plural(std::string_view text, std::size_t count) {
  return count == 1 ? std::string(text) : fmt::format("{} SAs, each {}", count, text);
}

}  // namespace

bool SaDemand::is_met_by(const SaPattern& found) const {
  if (type_stated ? found.type != sa.type : found.type < 3) return false;
  const auto spt = find_spt(found.context.spt);
  if (!spt) return false;
  if (!spts.empty()) {
    if (std::ranges::find(spts, found.context.spt) == spts.end()) return false;
  } else {
    const bool fits = ipsec ? spt->protocol == *ipsec : spt->protocol != SptProtocol::ipcomp;
    if (!fits || (!ends.empty() && ends_of(*spt) != ends)) return false;
  }
  for (const auto& row : values) {
    if (states(some, row.name) && row.number(found) == 0) return false;
    if (states(stated, row.name) && !row.equal(sa, found)) return false;
  }
  const auto is_port = [](const std::string& name) { return name.ends_with("_port"); };
  const bool ports = std::ranges::any_of(stated, is_port) || std::ranges::any_of(some, is_port);
  return !ports || states(stated, "additional") || !has_port_ranges(found);
}

std::vector<std::string_view> demand_keys() { return {"ipsec", "ends", "made-with"}; }

SaDemand read_sa_demand(const YAML::Node& node, const YamlPlace& place, std::uint32_t spi_base) {
  if (!node.IsMap()) yaml_error(place, node, "expected an SA: a mapping (key: value)");
  SaDemand demand;
  YamlMap map(node, place);
  if (const auto ipsec = map.choice("ipsec", ipsec_names)) {
    demand.ipsec = static_cast<SptProtocol>(*ipsec);
  }
  if (const auto ends = map.choice("ends", end_names)) demand.ends = end_names[*ends];
  demand.type_stated = map.has("type");
  for (const auto& text : map.texts("spt")) {
    const auto spt = read_field({}, Field::spt, text, map.at("spt"), map.get("spt"));
    demand.spts.push_back(static_cast<std::uint16_t>(spt.number().value_or(0)));
  }
  if (!demand.spts.empty() && (demand.ipsec || !demand.ends.empty())) {
    yaml_error(map.at("spt"), map.get("spt"), "an SA with an spt has no ipsec and no ends");
  }
  auto made = YAML::Clone(node);
  for (const auto key : demand_keys()) made.remove(std::string(key));
  for (const auto& row : values) {
    const std::string name(row.name);
    if (!map.has(name)) continue;
    const bool some =
        row.number != nullptr && node[name].IsScalar() && node[name].Scalar() == some_value;
    (some ? demand.some : demand.stated).push_back(name);
    if (some) made[name] = std::string(row.example);
  }
  if (map.has("made-with")) {
    const YamlMap values_of_made(map.get("made-with"), map.at("made-with"));
    for (const auto& pair : values_of_made.node()) {
      if (map.has(pair.first.Scalar())) {
        yaml_error(map.at("made-with"), pair.first,
                   fmt::format("the case states {} already", pair.first.Scalar()));
      }
      made[pair.first.Scalar()] = pair.second;
    }
  }
  if (!map.has("type")) made["type"] = 5;
  const auto type = made["type"].Scalar();
  if (!made["direction"]) made["direction"] = type == "2" || type == "5" ? "to-mn" : "out";
  if (!demand.spts.empty()) {
    made["spt"] = std::to_string(demand.spts.front());
  } else if (!made["spt"]) {
    made["spt"] = std::to_string(default_spt(demand.ipsec, demand.ends));
  }
  demand.sa = read_sa_pattern(made, place, spi_base);
  return demand;
}

SaDemand pshin_demand() {
  const YamlPlace place{"p-shin", ""};
  constexpr std::uint32_t spi_base = 0x70000000;
  auto demand = read_sa_demand(YAML::Load("{type: 5, direction: from-mn, ipsec: ah, ends: V6-V6}"),
                               place, spi_base);
  demand.protects_pshin = true;
  return demand;
}

std::string demand_text(const SaDemand& demand) {
  std::string kind;
  if (!demand.spts.empty()) {
    std::vector<std::string> names;
    for (const auto spt : demand.spts) names.push_back(spt_name(spt));
    kind = fmt::format("{}", fmt::join(names, " or "));
  } else {
    kind = !demand.ipsec ? "AH or ESP" : demand.ipsec == SptProtocol::ah ? "AH" : "ESP";
  }
  auto text = fmt::format("an {} SA", kind);
  if (states(demand.stated, "direction")) {
    text += fmt::format(" {}", name(demand.sa.direction));
  }
  if (demand.type_stated) text += fmt::format(" of type {}", demand.sa.type);
  if (!demand.ends.empty()) text += fmt::format(" with the ends {}", demand.ends);
  std::vector<std::string> with;
  for (const auto& name : demand.stated) {
    if (name != "direction") with.push_back(name);
  }
  if (!with.empty()) text += fmt::format(" with the {} of the case", fmt::join(with, ", "));
  if (!demand.some.empty()) text += fmt::format(" with a {}", fmt::join(demand.some, ", a "));
  if (demand.protects_pshin) text += " without selectors, to protect the P-SHIN";
  return text;
}

std::optional<std::vector<std::size_t>> find_sas(const SaDemands& demands,
                                                 const RouterDescription& description,
                                                 std::uint32_t number,
                                                 const std::vector<SaPattern>& sas) {
  const auto node = description.mobile_node(number, Role::pr);
  const auto patterns = expanded(sas);
  auto found = demands.same_spi ? assign_same_spi(demands, node, patterns)
                                : assign(demands, node, patterns, distinct_spis(node));
  if (!found) return std::nullopt;
  if (demands.no_other_sas) {
    for (std::size_t i = 0; i < node.sas.size(); ++i) {
      const bool other = std::ranges::find(*found, i) == found->end();
      if (other && node.sas[i].type >= 3) return std::nullopt;
    }
  }
  if (demands.exceeded && !exceeds(*demands.exceeded, description, number)) return std::nullopt;
  return found;
}

std::string missing_sas(const SaDemands& demands, const std::vector<SaPattern>& sas) {
  const auto patterns = expanded(sas);
  for (const auto& demand : demands.list) {
    const auto same = [&](const SaDemand& other) {
      return demand_text(other) == demand_text(demand);
    };
    const auto wanted = static_cast<std::size_t>(std::ranges::count_if(demands.list, same));
    const auto found = static_cast<std::size_t>(
        std::ranges::count_if(patterns, [&](const auto* sa) { return demand.is_met_by(*sa); }));
    if (found >= wanted) continue;
    return fmt::format("{}; the description has {}", plural(demand_text(demand), wanted),
                       found == 0 ? "none" : std::to_string(found));
  }
  std::vector<std::string> texts;
  for (const auto& demand : demands.list) texts.push_back(demand_text(demand));
  auto text = fmt::format("{}", fmt::join(texts, " and "));
  if (demands.same_spi) text += " with the same SPI";
  if (demands.no_other_sas) text += " and no other SA that is transferred";
  if (demands.exceeded == Exceeded::sub_option) text += ", together more than one SecCT-rep";
  if (demands.exceeded == Exceeded::mtu) text += ", together more than the path MTU";
  if (demands.exceeded == Exceeded::message) text += ", together more than one SHREP";
  return fmt::format("mobile nodes with {}; the description has none", text);
}

std::vector<SaPattern> sas_to_configure(const SaDemands& demands,
                                        const RouterDescription& description) {
  std::vector<SaPattern> sas;
  for (const auto& demand : demands.list) {
    // The SA of another demand may protect the P-SHIN too.
    const bool there = demand.protects_pshin && std::ranges::any_of(sas, [&](const auto& sa) {
                         return sa.direction == Direction::from_mn && demand.is_met_by(sa);
                       });
    if (!there) sas.push_back(demand.sa);
  }
  if (!demands.exceeded) return sas;
  auto copy = description;
  copy.mobile_node_count = 1;
  copy.more_nodes.clear();
  for (;; ++sas.back().repeat) {
    copy.sas = sas;
    if (sas.back().repeat >= spis_per_mobile_node || exceeds(*demands.exceeded, copy, 1))
      return sas;
  }
}

std::vector<SaPattern> sas_to_hand_over(const SaDemands& demands,
                                        const RouterDescription& description) {
  std::vector<SaPattern> sas;
  for (const auto& demand : demands.list) {
    sas.push_back(demand.sa);
    sas.back().context.spt = supported_spt(demand, description);
  }
  return sas;
}

std::vector<std::string> undeclared_for(const SaDemands& demands,
                                        const RouterDescription& description) {
  std::vector<std::string> names;
  for (const auto& demand : demands.list) {
    for (auto& name : undeclared(supported_spt(demand, description), description)) {
      if (!states(names, name)) names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace secct::replay
