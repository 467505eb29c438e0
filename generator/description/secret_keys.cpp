// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/description/secret_keys.hpp"

#include <algorithm>
#include <optional>

#include "generator/description/mobile_nodes.hpp"

namespace secct::generator {
namespace {

void keys_of(const MobileNode& node, const std::function<void(View)>& each) {
  each(node.token_key);
  for (const auto& [type, direction, context] : node.sas) {
    each(context.key);
    for (const auto& data : context.additional) {
      const auto* key = data.find(Field::data_auth_key);
      if (key != nullptr && key->octets() != nullptr) each(*key->octets());
    }
  }
}

// Calls `at` with each position at which the first octets of `address`, all but the last four,
// occur.
void for_each_occurrence(const Address& address, View octets,
                         const std::function<void(std::size_t)>& at) {
  constexpr std::size_t number_octets = 4;
  const auto prefix = View(address).first(address.size() - number_octets);
  for (auto begin = octets.begin();; ++begin) {
    begin = std::search(begin, octets.end(), prefix.begin(), prefix.end());
    const auto position = static_cast<std::size_t>(begin - octets.begin());
    if (position + address.size() > octets.size()) return;
    at(position);
  }
}

}  // namespace

void for_each_key(const RouterDescription& description, const std::function<void(View)>& each) {
  for (const auto& [sa, from_dut, sequence] : description.router_sas) {
    each(sa.auth_key);
    each(sa.cipher_key);
  }
  each(description.token_key);
  each(description.sa_key);
}

void for_each_derived_key(const RouterDescription& description,
                          const std::set<std::uint32_t>& mobile_nodes,
                          const std::function<void(View)>& each) {
  // Mobile nodes with the same SAs are made by one factory.
  const std::vector<SaPattern>* sas = nullptr;
  std::optional<MobileNodeFactory> factory;
  MobileNode node;
  for (const auto number : mobile_nodes) {
    if (const auto* wanted = &description.sas_of(number); wanted != sas) {
      sas = wanted;
      factory.emplace(description, Role::nr, *sas);  // the role does not change the keys
      node = factory->blank();
    }
    factory->renumber(node, number);
    keys_of(node, each);
  }
}

void find_mobile_nodes(const RouterDescription& description, View octets,
                       std::set<std::uint32_t>& numbers) {
  const auto add = [&](std::optional<std::uint32_t> number) {
    if (number) numbers.insert(*number);
  };
  const auto address_at = [&](std::size_t position) {
    Address address{};
    std::ranges::copy(octets.subspan(position, address.size()), address.begin());
    return address;
  };
  for_each_occurrence(description.paddr_of(1), octets, [&](std::size_t position) {
    add(description.number_of(address_at(position)));
  });
  for_each_occurrence(description.naddr_of(1), octets, [&](std::size_t position) {
    add(description.number_of_naddr(address_at(position)));
  });
  auto mapped = RouterDescription::v4_of(1);
  constexpr std::size_t v4_octets = 4;
  for (std::size_t i = 0; i + v4_octets <= octets.size(); ++i) {
    std::ranges::copy(octets.subspan(i, v4_octets), mapped.end() - v4_octets);
    add(description.number_of(mapped));
  }
}

}  // namespace secct::generator
