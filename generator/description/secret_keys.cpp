// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/description/secret_keys.hpp"

#include <algorithm>

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

}  // namespace

std::uint32_t for_each_key(const RouterDescription& description, std::uint32_t most_nodes,
                           const std::function<void(View)>& each) {
  for (const auto& [sa, from_dut, sequence] : description.router_sas) {
    each(sa.auth_key);
    each(sa.cipher_key);
  }
  each(description.token_key);
  each(description.sa_key);
  const auto last = description.last_mobile_node();
  const auto nodes = std::min(last, most_nodes);
  // Mobile nodes with the same SAs are made by one factory.
  std::uint32_t number = 1;
  while (number <= nodes) {
    const auto& sas = description.sas_of(number);
    MobileNodeFactory factory(description, Role::nr, sas);  // the role does not change the keys
    auto node = factory.blank();
    for (; number <= nodes && &description.sas_of(number) == &sas; ++number) {
      factory.renumber(node, number);
      keys_of(node, each);
    }
  }
  return last - nodes;
}

void for_each_key_of(const RouterDescription& description, const Address& address,
                     const std::function<void(View)>& each) {
  auto number = description.number_of(address);
  if (!number) number = description.number_of_naddr(address);
  if (number) keys_of(description.mobile_node(*number, Role::nr), each);
}

}  // namespace secct::generator
