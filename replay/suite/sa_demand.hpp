// SPDX-License-Identifier: GPL-2.0-or-later
// The SAs of a case (docs/cases.md, "SAs of a case"): what the case demands of the SAs of its
// mobile node, and the SAs that the tester makes where it may choose them.
//
//   // {ipsec: esp, direction: to-mn}
//   const auto demand = read_sa_demand(node, place, spi_base_step);
//   if (demand.is_met_by(pattern)) ...  // an SA of a description
//   demand_text(demand);                // "an ESP SA to-mn"
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "protocol/tables/spt.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// Between the `spi_base` of two SAs of a case.
constexpr std::uint32_t spi_base_step = 0x01000000;

struct SaDemand {
  // The SA that the tester makes. It has the values that the case states, and defaults.
  SaPattern sa;
  // The SPTs that the case states; the first one is that of `sa`. Empty: any AH or ESP SA, subject
  // to `ipsec` and `ends`.
  std::vector<std::uint16_t> spts;
  std::optional<SptProtocol> ipsec;
  std::string ends;                 // as in names of SPTs, "V6-V6"; empty: any
  bool type_stated = false;         // otherwise types 3, 4 and 5, which are transferred
  std::vector<std::string> stated;  // keys of an SA whose value the case states
  std::vector<std::string> some;    // keys of an SA whose value must not be 0
  bool protects_pshin = false;      // only the SA of pshin_sa(), if it can protect any P-SHIN

  bool is_met_by(const SaPattern& found) const;
  bool operator==(const SaDemand&) const = default;
};

// Reads an entry of `sas` of a case: an SA as in a router description, without the required keys,
// and with the keys of demand_keys(). `spi_base` is that of SaDemand::sa. Throws UsageError.
SaDemand read_sa_demand(const YAML::Node& node, const YamlPlace& place, std::uint32_t spi_base);
// The keys of such an entry that an entry of a router description does not have.
std::vector<std::string_view> demand_keys();

// The demand of a P-SHIN: the SA that protects it.
SaDemand pshin_demand();

// "an ESP SA from-mn of type 5 with protocol udp".
std::string demand_text(const SaDemand& demand);

// How many octets the contexts of all transferable SAs of a mobile node must exceed: those of a
// SecCT-rep (255), of a packet (path MTU), or of a SHREP (2,040).
enum class Exceeded : std::uint8_t { sub_option, mtu, message };
constexpr std::array<std::string_view, 3> exceeded_names{"sub-option", "mtu", "message"};

// The demands of a case on the SAs of its mobile node.
struct SaDemands {
  std::vector<SaDemand> list;
  bool no_other_sas = false;  // no other transferable SA
  bool same_spi = false;      // the SAs have the same SPI
  std::optional<Exceeded> exceeded;

  bool operator==(const SaDemands&) const = default;
};

// The SAs of mobile node `number` of `description` (role pr) that meet the demands, as indices in
// MobileNode::sas in the order of the demands; `sas` are the patterns of its SAs. std::nullopt if
// it does not meet them.
std::optional<std::vector<std::size_t>> find_sas(const SaDemands& demands,
                                                 const RouterDescription& description,
                                                 std::uint32_t number,
                                                 const std::vector<SaPattern>& sas);
// Why mobile nodes with the SAs `sas` do not meet the demands: "an ESP SA from-mn; the description
// has none".
std::string missing_sas(const SaDemands& demands, const std::vector<SaPattern>& sas);

// SAs that meet the demands, for `mobile_nodes` of a description.
std::vector<SaPattern> sas_to_configure(const SaDemands& demands,
                                        const RouterDescription& description);
// The SAs that the tester hands over as previous router: of the SPTs that a demand states, the
// first one that the router supports.
std::vector<SaPattern> sas_to_hand_over(const SaDemands& demands,
                                        const RouterDescription& description);
// The capabilities that the router does not declare, but needs for these SAs.
std::vector<std::string> undeclared_for(const SaDemands& demands,
                                        const RouterDescription& description);

}  // namespace secct::replay
