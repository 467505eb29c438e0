// SPDX-License-Identifier: GPL-2.0-or-later
// Router descriptions (docs/cli.md, "Router description"): addresses, SAs, mobile nodes and
// policies of a router under test. The tester, the reference router and the generator read the same
// file.
//
//   const auto description = load_description("router.yaml");
//   const auto node = description.mobile_node(1, Role::nr);    // addresses, keys and SAs of MN 1
//   const auto keys = description.keyring();                   // what build() and inspect() need
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "files/yaml_reader.hpp"
#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "ipsec/context.hpp"

namespace secct::generator {

enum class Role : std::uint8_t { nr, pr, fa };
inline constexpr std::array all_roles{Role::nr, Role::pr, Role::fa};
std::string_view role_name(Role role);
std::optional<Role> find_role(std::string_view name);

// An IPv6 prefix. Mobile node i has the address prefix::1:i.
struct Prefix {
  Address address{};  // zero after the first `length` bits
  std::uint8_t length = 64;

  bool contains(const Address& other) const;
  bool operator==(const Prefix&) const = default;
};
constexpr std::uint8_t longest_prefix = 96;

// The maximum number of SAs of a mobile node, and the number of SPIs reserved for it after each
// spi_base.
constexpr std::uint32_t spis_per_mobile_node = 64;
// The maximum number of a mobile node: its IPv4 address 10.1.0.0 + number is below 11.0.0.0.
constexpr std::uint32_t most_mobile_nodes = 0xfeffff;

// An SA between the two routers.
struct RouterSa {
  Sa sa;  // source and destination are the addresses of the routers
  bool from_dut = false;
  std::optional<std::uint32_t> sequence;  // the first sequence number that the tester uses
};

// Towards the near end (the mobile node, or `local`) or away from it. `in` and `out` are the names
// for SAs that do not end at the mobile node.
enum class Direction : std::uint8_t { to_mn, from_mn, out, in };
constexpr std::array<std::string_view, 4> direction_names{"to-mn", "from-mn", "out", "in"};
constexpr std::string_view name(Direction direction) {
  return direction_names[static_cast<std::size_t>(direction)];
}
constexpr bool is_inward(Direction direction) {
  return direction == Direction::to_mn || direction == Direction::in;
}

// An entry of `mobile_nodes.sas`: each mobile node has `repeat` such SAs.
struct SaPattern {
  int type = 5;  // 1 to 5, behaviour.md section 6
  Direction direction = Direction::to_mn;
  std::uint32_t spi_base = 0;
  std::uint32_t repeat = 1;
  std::optional<Address> local;
  std::optional<Address> remote;
  std::optional<std::uint8_t> key_length;  // octets; default: that of the SPT
  Context context;                         // without addresses, SPI and keys

  // Whether one end is an IPv4 address of the previous router.
  bool ends_at_router_v4() const;
  bool operator==(const SaPattern&) const = default;
};

// An SA of one mobile node, made from a SaPattern.
struct MobileNodeSa {
  int type = 5;
  Direction direction = Direction::to_mn;
  Context context;
};

struct MobileNode {
  std::uint32_t number = 0;  // from 1
  Address paddr{};
  Address naddr{};
  Address home{};    // the IPv4 address, IPv4-mapped
  Octets lla;        // link-layer address, 6 octets
  Octets token_key;  // 16 octets
  std::vector<MobileNodeSa> sas;

  // The contexts that a handover transfers: the SAs of types 3, 4 and 5, in order.
  std::vector<Context> transferable() const;
};

enum class SpiConflict : std::uint8_t { recompute, renegotiate, deny };
constexpr std::array<std::string_view, 3> spi_conflict_names{"recompute", "renegotiate", "deny"};
// The names of Policies::prefer_static_profile: false, true.
constexpr std::array<std::string_view, 2> static_profile_names{"ignore", "prefer"};

struct Policies {
  SpiConflict spi_conflict = SpiConflict::recompute;
  bool confidential = false;
  bool prefer_static_profile = false;
  bool stateful = false;

  bool operator==(const Policies&) const = default;
};

// The policies that a file sets.
struct PolicyChoice {
  std::optional<SpiConflict> spi_conflict;
  std::optional<bool> confidential;
  std::optional<bool> prefer_static_profile;
  std::optional<bool> stateful;

  // `base` with the policies of this choice.
  Policies over(Policies base) const;
  bool operator==(const PolicyChoice&) const = default;
};

// An entry of `mobile_nodes.more`: mobile nodes with other SAs.
struct MoreNodes {
  std::uint32_t count = 0;
  std::vector<SaPattern> sas;
};

// Shell commands; empty: none.
struct Hooks {
  std::string reset;
  std::string provision;
  std::string trigger;
  std::string configure;
};

struct RouterDescription {
  std::string name;
  std::vector<Role> roles;
  Address address{};
  Address mn_address{};
  Address peer{};
  Address mn_peer{};       // IPv6: the peer's address on the side of the mobile nodes
  Address ipv4_address{};  // IPv4-mapped; unspecified: the description has no `ipv4`
  Address ipv4_peer{};
  Prefix old_prefix;
  Prefix new_prefix;
  std::uint32_t mtu = 1500;
  CodePoints codepoints;
  std::vector<RouterSa> router_sas;
  std::uint32_t mobile_node_count = 0;  // mobile nodes with the SAs `sas`, numbered from 1
  Octets token_key;
  Octets sa_key;
  std::vector<SaPattern> sas;
  std::vector<MoreNodes> more_nodes;  // numbered from mobile_node_count + 1
  std::vector<std::uint32_t> spi_in_use;
  std::vector<Address> ncoa_in_use;
  Policies policies;
  std::vector<std::string> capabilities;
  Hooks hooks;
  bool liveness_echo = true;
  double timing_scale = 1;

  // Mobile node `number` (from 1) if the router under test has the role `role`. The role decides
  // where the SAs of type 5 end: at the previous router, which is the tester in the role nr.
  MobileNode mobile_node(std::uint32_t number, Role role) const;
  const std::vector<SaPattern>& sas_of(std::uint32_t number) const;
  std::uint32_t last_mobile_node() const;  // 0: the description has no mobile nodes
  // The description with most_mobile_nodes mobile nodes, all with the SAs `sas`: those that the
  // tester can play for a router that does not know them before the handover.
  RouterDescription with_all_mobile_nodes() const;
  // The number of the mobile node with this Paddr or IPv4 old care-of address.
  std::optional<std::uint32_t> number_of(const Address& paddr) const;
  std::optional<std::uint32_t> number_of_naddr(const Address& naddr) const;

  // Addresses and token key (16 octets) of mobile node `number`.
  Address naddr_of(std::uint32_t number) const;
  Address paddr_of(std::uint32_t number) const;
  static Address v4_of(std::uint32_t number);  // IPv4-mapped
  Octets token_key_of(std::uint32_t number) const;

  // The SAs between the routers and the token keys of all mobile nodes.
  Keyring keyring() const;
  // The first such SA, of ESP with authentication only, or nullptr.
  const RouterSa* find_router_sa(IpsecProtocol protocol, bool from_dut) const;
  bool capable(std::string_view capability) const;
};

// The link-layer address of a mobile node, 6 octets.
Octets link_layer_address(std::uint32_t mobile_node);

std::span<const std::string_view> capability_names();
// The capabilities that a router needs to use an SA with this SPT.
std::vector<std::string_view> capabilities_for(std::uint16_t spt);

// Reads a description. Every UsageError names file, line and path of the mistake.
RouterDescription read_description(const YAML::Node& root, const std::string& file);
RouterDescription load_description(const std::string& file);
RouterDescription built_in_description();
YAML::Node built_in_yaml();  // the YAML of built_in_description()

// Parts of a router description that case files have too. UsageError as read_description().
// `spi_base` is the default of the key `spi_base`; without a default the key is required.
SaPattern read_sa_pattern(const YAML::Node& node, const YamlPlace& place,
                          std::optional<std::uint32_t> spi_base = {});
PolicyChoice read_policies(const YAML::Node& node, const YamlPlace& place);
std::vector<std::string> read_capabilities(YamlMap& map, const std::string& key);

// The reverse of read_description() for a description that was read from `base` and changed in
// memory: `base` with the policies, mobile nodes, code points and timing_scale of `description`.
YAML::Node to_yaml(const RouterDescription& description, const YAML::Node& base);

}  // namespace secct::generator
