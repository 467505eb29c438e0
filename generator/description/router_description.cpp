// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/description/router_description.hpp"

#include <algorithm>

#include "ipsec/crypto.hpp"
#include "network/write_number.hpp"

namespace secct::generator {
namespace {

constexpr std::string_view role_names[] = {"nr", "pr", "fa"};

// Mobile node i has these values + i.
constexpr std::uint32_t first_suffix = 0x00010000;  // ::1:0
constexpr std::uint32_t first_v4 = 0x0a010000;      // 10.1.0.0
constexpr std::uint32_t first_lla = 0x5e100000;     // 02:00:5e:10:00:00

Address with_suffix(Address prefix, std::uint32_t number) {
  write_number(std::span(prefix).last(4), first_suffix + number);
  return prefix;
}

std::optional<std::uint32_t> suffix_of(const Address& prefix, const Address& address,
                                       std::uint32_t count) {
  const auto number =
      static_cast<std::uint32_t>(big_endian(View(address).subspan(12))) - first_suffix;
  if (number == 0 || number > count || with_suffix(prefix, number) != address) return std::nullopt;
  return number;
}

}  // namespace

bool Prefix::contains(const Address& other) const { return prefix_of(other, length) == address; }

std::string_view role_name(Role role) { return role_names[static_cast<std::size_t>(role)]; }

std::optional<Role> find_role(std::string_view name) {
  const auto* found = std::ranges::find(role_names, name);
  if (found == std::end(role_names)) return std::nullopt;
  return static_cast<Role>(found - std::begin(role_names));
}

std::vector<Context> MobileNode::transferable() const {
  std::vector<Context> contexts;
  for (const auto& sa : sas) {
    if (sa.type >= 3) contexts.push_back(sa.context);
  }
  return contexts;
}

Address RouterDescription::naddr_of(std::uint32_t number) const {
  return with_suffix(new_prefix.address, number);
}
Address RouterDescription::paddr_of(std::uint32_t number) const {
  return with_suffix(old_prefix.address, number);
}

Address RouterDescription::v4_of(std::uint32_t number) {
  Address address{};
  address[10] = address[11] = 0xff;
  write_number(std::span(address).last(4), first_v4 + number);
  return address;
}

const std::vector<SaPattern>& RouterDescription::sas_of(std::uint32_t number) const {
  auto last = mobile_node_count;
  for (const auto& more : more_nodes) {
    if (number > last && number - last <= more.count) return more.sas;
    last += more.count;
  }
  return sas;
}

std::uint32_t RouterDescription::last_mobile_node() const {
  auto last = mobile_node_count;
  for (const auto& more : more_nodes) last += more.count;
  return last;
}

RouterDescription RouterDescription::with_all_mobile_nodes() const {
  auto all = *this;
  all.more_nodes.clear();
  all.mobile_node_count = most_mobile_nodes;
  return all;
}

Octets RouterDescription::token_key_of(std::uint32_t number) const {
  Octets index;
  append_number(index, number, 4);
  return hmac_md5(token_key, index);
}

std::optional<std::uint32_t> RouterDescription::number_of(const Address& paddr) const {
  if (is_v4_mapped(paddr)) {
    const auto number = static_cast<std::uint32_t>(big_endian(View(paddr).subspan(12))) - first_v4;
    if (number == 0 || number > last_mobile_node() || v4_of(number) != paddr) return std::nullopt;
    return number;
  }
  return suffix_of(old_prefix.address, paddr, last_mobile_node());
}

std::optional<std::uint32_t> RouterDescription::number_of_naddr(const Address& naddr) const {
  return suffix_of(new_prefix.address, naddr, last_mobile_node());
}

Octets link_layer_address(std::uint32_t mobile_node) {
  Octets lla{0x02, 0x00};
  append_number(lla, first_lla + mobile_node, 4);
  return lla;
}

Policies PolicyChoice::over(Policies base) const {
  base.spi_conflict = spi_conflict.value_or(base.spi_conflict);
  base.confidential = confidential.value_or(base.confidential);
  base.prefer_static_profile = prefer_static_profile.value_or(base.prefer_static_profile);
  base.stateful = stateful.value_or(base.stateful);
  return base;
}

Keyring RouterDescription::keyring() const {
  Keyring keys;
  for (const auto& sa : router_sas) keys.sas.push_back(sa.sa);
  // The function outlives the description: it holds what number_of() and token_key_of() need.
  RouterDescription part;
  part.old_prefix = old_prefix;
  part.mobile_node_count = last_mobile_node();
  part.token_key = token_key;
  keys.token_key = [description = std::move(part)](const Address& paddr) -> std::optional<Octets> {
    const auto number = description.number_of(paddr);
    if (!number) return std::nullopt;
    return description.token_key_of(*number);
  };
  return keys;
}

const RouterSa* RouterDescription::find_router_sa(IpsecProtocol protocol, bool from_dut) const {
  for (const auto& sa : router_sas) {
    // ESP without authentication protects no message (wire-format.md section 8).
    const bool usable = protocol == IpsecProtocol::ah || sa.sa.auth != AuthAlgorithm::none;
    if (sa.sa.protocol == protocol && sa.from_dut == from_dut && usable) return &sa;
  }
  return nullptr;
}

std::vector<std::string_view> capabilities_for(std::uint16_t spt) {
  const auto parts = find_spt(spt).value_or(Spt{});
  std::vector<std::string_view> names;
  if (parts.protocol == SptProtocol::esp) names.emplace_back("esp");
  if (parts.protocol == SptProtocol::ipcomp) names.emplace_back("ipcomp");
  if (parts.source_v4 && parts.destination_v4) names.emplace_back("ipv4");
  if (parts.source_v4 != parts.destination_v4) names.emplace_back("mixed");
  if (parts.source_private || parts.destination_private) names.emplace_back("private");
  if (parts.static_profile) names.emplace_back("static-profile");
  return names;
}

bool RouterDescription::capable(std::string_view capability) const {
  return std::ranges::find(capabilities, capability) != capabilities.end();
}

}  // namespace secct::generator
