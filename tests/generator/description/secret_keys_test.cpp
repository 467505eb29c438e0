// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/description/secret_keys.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using testing::ElementsAre;

std::vector<Octets> derived_keys(const std::set<std::uint32_t>& mobile_nodes) {
  std::vector<Octets> keys;
  for_each_derived_key(description(), mobile_nodes,
                       [&](View key) { keys.emplace_back(key.begin(), key.end()); });
  return keys;
}

TEST(SecretKeys, OfTheDescriptionAreThoseOfItsSasAndBothMasterKeys) {
  std::set<Octets> keys;
  for_each_key(description(), [&](View key) { keys.emplace(key.begin(), key.end()); });
  for (const auto& [sa, from_dut, sequence] : description().router_sas) {
    EXPECT_TRUE(keys.contains(sa.auth_key));
    EXPECT_TRUE(keys.contains(sa.cipher_key));
  }
  EXPECT_TRUE(keys.contains(description().token_key));
  EXPECT_TRUE(keys.contains(description().sa_key));
}

TEST(SecretKeys, OfAMobileNodeAreItsTokenKeyAndThoseOfItsSas) {
  const auto keys = derived_keys({3, 70000});
  for (const std::uint32_t number : {3U, 70000U}) {
    EXPECT_THAT(keys, testing::Contains(description().token_key_of(number)));
    for (const auto& [type, direction, context] : description().mobile_node(number, Role::nr).sas) {
      EXPECT_THAT(keys, testing::Contains(context.key)) << number;
    }
  }
  EXPECT_THAT(keys, testing::Not(testing::Contains(description().token_key_of(4))));
}

TEST(FindMobileNodes, FindsPaddrNaddrAndIpv4AddressAtAnyPosition) {
  Octets all(3, 0x20);
  const auto add = [&](const Address& address, std::size_t octets) {
    const auto part = View(address).last(octets);
    all.insert(all.end(), part.begin(), part.end());
  };
  add(description().paddr_of(70000), 16);
  add(description().naddr_of(70001), 16);
  all.push_back(0x20);
  add(RouterDescription::v4_of(70002), 4);
  add(address("2001:db8:77::1:5"), 16);  // of no mobile node
  add(description().paddr_of(9), 15);    // not whole: its first octet is missing
  std::set<std::uint32_t> numbers;
  find_mobile_nodes(description(), all, numbers);
  EXPECT_THAT(numbers, ElementsAre(70000, 70001, 70002));
  find_mobile_nodes(description(), View(all).first(10), numbers);
  EXPECT_THAT(numbers, ElementsAre(70000, 70001, 70002));
  find_mobile_nodes(description(), {}, numbers);
}

}  // namespace
}  // namespace secct::generator::test
