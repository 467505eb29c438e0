// SPDX-License-Identifier: GPL-2.0-or-later
// The router description (docs/cli.md): addresses, SAs, mobile nodes, policies. The same file
// serves the tester, the reference router and the generator.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "files/yaml_reader.hpp"
#include "generator/description/context.hpp"
#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

enum class Role : std::uint8_t { nr, pr, fa };
std::string_view role_name(Role role);
std::optional<Role> find_role(std::string_view name);

// SPIs that each mobile node has for itself from each spi_base on, and so the most SAs it can have.
constexpr std::uint32_t spis_per_mobile_node = 64;
// The addresses 10.1.0.0 + i end here.
constexpr std::uint32_t most_mobile_nodes = 0xfeffff;

struct RouterSa {
  Sa sa;  // addresses are those of the two routers
  bool from_dut = false;
  std::optional<std::uint32_t> sequence;  // the tester's first number
};

enum class Direction : std::uint8_t { to_mn, from_mn, out };
constexpr std::array<std::string_view, 3> direction_names{"to-mn", "from-mn", "out"};
constexpr std::string_view name(Direction direction) {
  return direction_names[static_cast<std::size_t>(direction)];
}

// One line of mobile_nodes.sas: what every mobile node has once (or `repeat` times).
struct SaPattern {
  int type = 5;  // behaviour.md section 6
  Direction direction = Direction::to_mn;
  std::uint32_t spi_base = 0;
  std::uint32_t repeat = 1;
  std::optional<Address> local;
  std::optional<Address> remote;
  std::optional<std::uint8_t> key_length;
  Context context;  // without addresses, SPI and keys

  bool operator==(const SaPattern&) const = default;
};

struct MobileNodeSa {
  int type = 5;
  Direction direction = Direction::to_mn;
  Context context;
};

struct MobileNode {
  std::uint32_t number = 0;
  Address paddr{};
  Address naddr{};
  Address home{};  // IPv4-mapped
  Octets lla;      // link-layer address, six octets
  Octets token_key;
  std::vector<MobileNodeSa> sas;

  std::vector<Context> transferable() const;  // types 3, 4 and 5, in order
};

enum class SpiConflict : std::uint8_t { recompute, renegotiate, deny };
constexpr std::array<std::string_view, 3> spi_conflict_names{"recompute", "renegotiate", "deny"};
// Policies::prefer_static_profile, false and true.
constexpr std::array<std::string_view, 2> static_profile_names{"ignore", "prefer"};

struct Policies {
  SpiConflict spi_conflict = SpiConflict::recompute;
  bool confidential = false;
  bool prefer_static_profile = false;
  bool stateful = false;

  bool operator==(const Policies&) const = default;
};

// The policies that a file names; the others are as they were.
struct PolicyChoice {
  std::optional<SpiConflict> spi_conflict;
  std::optional<bool> confidential;
  std::optional<bool> prefer_static_profile;
  std::optional<bool> stateful;

  Policies over(Policies base) const;
  bool operator==(const PolicyChoice&) const = default;
};

// Mobile nodes that have other SAs than the first ones.
struct MoreNodes {
  std::uint32_t count = 0;
  std::vector<SaPattern> sas;
};

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
  Address ipv4_address{};
  Address ipv4_peer{};
  Address old_prefix{};  // /64
  Address new_prefix{};
  std::uint32_t mtu = 1500;
  CodePoints codepoints;
  std::vector<RouterSa> router_sas;
  std::uint32_t mobile_node_count = 0;  // that have `sas`
  Octets token_key;
  Octets sa_key;
  std::vector<SaPattern> sas;
  std::vector<MoreNodes> more_nodes;  // numbered on from those
  std::vector<std::uint32_t> spi_in_use;
  std::vector<Address> ncoa_in_use;
  Policies policies;
  std::vector<std::string> capabilities;
  Hooks hooks;
  bool liveness_echo = true;
  double timing_scale = 1;

  // Mobile node `number` (from 1) when the router under test plays `role`: its SAs of type 5 end
  // at the previous router, which is the tester when the router under test is the new one.
  MobileNode mobile_node(std::uint32_t number, Role role) const;
  const std::vector<SaPattern>& sas_of(std::uint32_t number) const;
  std::uint32_t last_mobile_node() const;  // 0: there is none
  // The number of the mobile node with this Paddr (or IPv4 old care-of address), if it is one.
  std::optional<std::uint32_t> number_of(const Address& paddr) const;
  std::optional<std::uint32_t> number_of_naddr(const Address& naddr) const;

  Address naddr_of(std::uint32_t number) const;
  Address paddr_of(std::uint32_t number) const;
  static Address v4_of(std::uint32_t number);  // IPv4-mapped
  Octets token_key_of(std::uint32_t number) const;

  // Keys of the routers' SAs and of tokens.
  Keyring keyring() const;
  const RouterSa* find_router_sa(IpsecProtocol protocol, bool from_dut) const;
  bool capable(std::string_view capability) const;
};

// Of a mobile node, six octets.
Octets link_layer_address(std::uint32_t mobile_node);

std::span<const std::string_view> capability_names();

// Parts of a router description that other files have too. An SA that gives no spi_base has
// `spi_base`; without it one must be given.
SaPattern read_sa_pattern(const YAML::Node& node, const YamlPlace& place,
                          std::optional<std::uint32_t> spi_base = {});
PolicyChoice read_policies(const YAML::Node& node, const YamlPlace& place);

// UsageError names file, line and path of what is wrong.
RouterDescription read_description(const YAML::Node& root, const std::string& file);
RouterDescription load_description(const std::string& file);
RouterDescription built_in_description();
YAML::Node built_in_yaml();  // what built_in_description() reads
// `base`, which `description` was read from, with what may have been changed in `description`
// since: policies, mobile nodes added, code points and timing_scale.
YAML::Node description_of(const RouterDescription& description, const YAML::Node& base);

}  // namespace secct::generator
