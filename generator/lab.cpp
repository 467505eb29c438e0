// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/lab.hpp"

#include <algorithm>

#include "generator/crypto.hpp"

namespace secct {
namespace {

constexpr std::uint32_t auth_key_offset = 0x80000000;
constexpr std::string_view role_names[] = {"nr", "pr", "fa"};

// docs/cli.md, "Keys": the leading octets of HMAC-SHA1(sa_key, SPI), HMAC-SHA1(sa_key, SPI + 1)...
Octets derived_key(View sa_key, std::uint32_t spi, std::size_t octets) {
  Octets key;
  while (key.size() < octets) {
    Octets number;
    append_number(number, spi++, 4);
    append(key, hmac_sha1(sa_key, number));
  }
  key.resize(octets);
  return key;
}

// Mobile node 0 would have these; the others count on from here.
constexpr std::uint32_t first_suffix = 0x00010000;  // ::1:0
constexpr std::uint32_t first_v4 = 0x0a010000;      // 10.1.0.0

void write_suffix(Address& address, std::uint32_t suffix) {
  for (std::size_t i = 0; i < 4; ++i) {
    address[12 + i] = static_cast<std::uint8_t>(suffix >> (24 - 8 * i));
  }
}

Address with_suffix(Address prefix, std::uint32_t number) {
  write_suffix(prefix, first_suffix + number);
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

Address Lab::naddr_of(std::uint32_t number) const { return with_suffix(new_prefix, number); }
Address Lab::paddr_of(std::uint32_t number) const { return with_suffix(old_prefix, number); }

Address Lab::v4_of(std::uint32_t number) {
  Address address{};
  address[10] = address[11] = 0xff;
  write_suffix(address, first_v4 + number);
  return address;
}

Octets Lab::token_key_of(std::uint32_t number) const {
  Octets index;
  append_number(index, number, 4);
  return hmac_md5(token_key, index);
}

std::optional<std::uint32_t> Lab::number_of(const Address& paddr) const {
  if (is_v4_mapped(paddr)) {
    const auto number = static_cast<std::uint32_t>(big_endian(View(paddr).subspan(12))) - first_v4;
    if (number == 0 || number > mobile_node_count || v4_of(number) != paddr) return std::nullopt;
    return number;
  }
  return suffix_of(old_prefix, paddr, mobile_node_count);
}

std::optional<std::uint32_t> Lab::number_of_naddr(const Address& naddr) const {
  return suffix_of(new_prefix, naddr, mobile_node_count);
}

// docs/cli.md, "Ends of an SA".
void Lab::set_ends(const MobileNode& node, const SaPattern& pattern, bool dut_is_previous,
                   const Spt& spt, Context& context) const {
  // From the near end, where the SA begins when it does not lead to the mobile node.
  const bool swapped = pattern.direction == Direction::to_mn;
  const bool near_v4 = swapped ? spt.destination_v4 : spt.source_v4;
  const bool far_v4 = swapped ? spt.source_v4 : spt.destination_v4;
  const auto previous = [&](bool v4, const Address& own) {
    if (v4) return dut_is_previous ? ipv4_address : ipv4_peer;
    return dut_is_previous ? own : peer;
  };
  const auto mn = near_v4 ? v4_of(node.number) : node.paddr;
  Address near = mn;
  Address far = pattern.remote.value_or(Address{});
  if (pattern.type == 5) {
    far = previous(far_v4, mn_address);
  } else if (pattern.type != 2) {
    near = pattern.local.value_or(previous(near_v4, address));
  }
  context.source = swapped ? far : near;
  context.destination = swapped ? near : far;
}

MobileNode Lab::mobile_node(std::uint32_t number, Role role) const {
  MobileNode node;
  node.number = number;
  node.paddr = paddr_of(number);
  node.naddr = naddr_of(number);
  node.token_key = token_key_of(number);
  const bool dut_is_previous = role == Role::pr;
  std::uint32_t place = 0;
  for (const auto& pattern : sas) {
    const auto spt = find_spt(pattern.context.spt).value_or(Spt{});
    for (std::uint32_t i = 0; i < pattern.repeat; ++i, ++place) {
      LabSa sa{pattern.type, pattern.direction, pattern.context};
      auto& context = sa.context;
      context.spi = pattern.spi_base + spis_per_mobile_node * number + place;
      set_ends(node, pattern, dut_is_previous, spt, context);
      context.key = derived_key(sa_key, context.spi, pattern.key_length.value_or(spt.key_length()));
      for (auto& data : context.additional) {
        const auto* algorithm = data.find(Field::data_auth_algorithm);
        if (algorithm == nullptr || data.find(Field::data_auth_key) != nullptr) continue;
        Spt ah;
        ah.algorithm = static_cast<std::uint8_t>(algorithm->number().value_or(0));
        data.children.emplace_back(
            Field::data_auth_key,
            derived_key(sa_key, context.spi + auth_key_offset, ah.key_length()));
      }
      node.sas.push_back(std::move(sa));
    }
  }
  return node;
}

Policies PolicyChoice::over(Policies base) const {
  base.spi_conflict = spi_conflict.value_or(base.spi_conflict);
  base.confidential = confidential.value_or(base.confidential);
  base.prefer_static_profile = prefer_static_profile.value_or(base.prefer_static_profile);
  base.stateful = stateful.value_or(base.stateful);
  return base;
}

Keyring Lab::keyring() const {
  Keyring keys;
  for (const auto& sa : router_sas) keys.sas.push_back(sa.sa);
  // What number_of() and token_key_of() need, not the whole description.
  Lab part;
  part.old_prefix = old_prefix;
  part.mobile_node_count = mobile_node_count;
  part.token_key = token_key;
  keys.token_key = [lab = std::move(part)](const Address& paddr) -> std::optional<Octets> {
    const auto number = lab.number_of(paddr);
    if (!number) return std::nullopt;
    return lab.token_key_of(*number);
  };
  return keys;
}

const RouterSa* Lab::find_router_sa(IpsecProtocol protocol, bool from_dut) const {
  for (const auto& sa : router_sas) {
    if (sa.sa.protocol == protocol && sa.from_dut == from_dut) return &sa;
  }
  return nullptr;
}

bool Lab::capable(std::string_view capability) const {
  return std::ranges::find(capabilities, capability) != capabilities.end();
}

}  // namespace secct
