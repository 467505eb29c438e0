// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/description/mobile_nodes.hpp"

#include <algorithm>
#include <array>

#include "ipsec/algorithms.hpp"
#include "network/write_number.hpp"

namespace secct::generator {
namespace {

// The authentication key of an ESP SA is derived from SPI + 2^31.
constexpr std::uint32_t auth_key_offset = 0x80000000;

// Whether the key of this additional security data has to be derived.
bool needs_key(const Node& data) {
  return data.find(Field::data_auth_algorithm) != nullptr &&
         data.find(Field::data_auth_key) == nullptr;
}

std::size_t auth_key_octets(const Node& data) {
  const auto number = data.find(Field::data_auth_algorithm)->number().value_or(0);
  return ipsec::key_octets(static_cast<AuthAlgorithm>(number));
}

}  // namespace

MobileNodeFactory::MobileNodeFactory(const RouterDescription& description, Role role,
                                     const std::vector<SaPattern>& sas)
    : description_(description),
      role_(role),
      token_key_(AuthAlgorithm::hmac_md5),
      sa_key_(AuthAlgorithm::hmac_sha1) {
  token_key_.set_key(description.token_key);
  sa_key_.set_key(description.sa_key);
  for (const auto& pattern : sas) {
    const auto spt = find_spt(pattern.context.spt).value_or(Spt{});
    patterns_.insert(patterns_.end(), pattern.repeat, {&pattern, spt});
  }
}

MobileNode MobileNodeFactory::blank() const {
  MobileNode node;
  for (const auto& [pattern, spt] : patterns_) {
    auto& context =
        node.sas.emplace_back(pattern->type, pattern->direction, pattern->context).context;
    context.key.resize(pattern->key_length.value_or(spt.key_length()));
    for (auto& data : context.additional) {
      if (!needs_key(data)) continue;
      data.children.emplace_back(Field::data_auth_key, Octets(auth_key_octets(data)));
    }
  }
  return node;
}

// docs/cli.md, "Keys": the leading octets of HMAC-SHA1(sa_key, SPI) | HMAC-SHA1(sa_key, SPI + 1)
// ...
void MobileNodeFactory::derive_key(std::uint32_t spi, Octets& key) {
  for (std::size_t done = 0; done < key.size(); ++spi) {
    std::array<std::uint8_t, 4> number{};
    write_number(number, spi);
    const auto digest = sa_key_(number);
    const auto part = digest.first(std::min(digest.size(), key.size() - done));
    std::ranges::copy(part, key.begin() + static_cast<std::ptrdiff_t>(done));
    done += part.size();
  }
}

void MobileNodeFactory::renumber(MobileNode& node, std::uint32_t number) {
  node.number = number;
  node.paddr = description_.paddr_of(number);
  node.naddr = description_.naddr_of(number);
  node.home = RouterDescription::v4_of(number);
  node.lla = link_layer_address(number);
  std::array<std::uint8_t, 4> index{};
  write_number(index, number);
  const auto token_key = token_key_(index);
  node.token_key.assign(token_key.begin(), token_key.end());
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    const auto& pattern = *patterns_[i].pattern;
    auto& context = node.sas[i].context;
    context.spi = pattern.spi_base + spis_per_mobile_node * number + static_cast<std::uint32_t>(i);
    derive_key(context.spi, context.key);
    for (std::size_t j = 0; j < context.additional.size(); ++j) {
      if (!needs_key(pattern.context.additional[j])) continue;
      auto* key = context.additional[j].find(Field::data_auth_key);
      derive_key(context.spi + auth_key_offset, std::get<Octets>(key->value));
    }
  }
  set_ends(node);
}

// docs/cli.md, "Ends of an SA".
void MobileNodeFactory::set_ends(MobileNode& node) const {
  const bool dut_is_previous = role_ == Role::pr;
  const auto& address = dut_is_previous ? description_.address : description_.peer;
  const auto& mn_address = dut_is_previous ? description_.mn_address : description_.mn_peer;
  const auto& v4_address = dut_is_previous ? description_.ipv4_address : description_.ipv4_peer;
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    const auto& [pattern, spt] = patterns_[i];
    // The near end is the source, unless the SA leads to it.
    const bool swapped = is_inward(pattern->direction);
    const bool near_v4 = swapped ? spt.destination_v4 : spt.source_v4;
    const bool far_v4 = swapped ? spt.source_v4 : spt.destination_v4;
    Address near = near_v4 ? node.home : node.paddr;
    Address far = pattern->remote.value_or(Address{});
    if (pattern->type == 5) {
      far = far_v4 ? v4_address : mn_address;
    } else if (pattern->type != 2) {
      const auto& v6_address = is_v4_mapped(address) ? mn_address : address;
      near = pattern->local.value_or(near_v4 ? v4_address : v6_address);
    }
    auto& context = node.sas[i].context;
    context.source = swapped ? far : near;
    context.destination = swapped ? near : far;
  }
}

bool SaPattern::ends_at_router_v4() const {
  const auto spt = find_spt(context.spt).value_or(Spt{});
  const bool swapped = is_inward(direction);
  if (type == 5) return swapped ? spt.source_v4 : spt.destination_v4;
  return type != 2 && !local && (swapped ? spt.destination_v4 : spt.source_v4);
}

MobileNode RouterDescription::mobile_node(std::uint32_t number, Role role) const {
  MobileNodeFactory factory(*this, role, sas_of(number));
  auto node = factory.blank();
  factory.renumber(node, number);
  return node;
}

}  // namespace secct::generator
