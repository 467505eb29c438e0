// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/description/secret_keys.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using testing::Contains;
using testing::IsEmpty;

std::vector<Octets> keys_of(const Address& address) {
  std::vector<Octets> keys;
  for_each_key_of(description(), address,
                  [&](View key) { keys.emplace_back(key.begin(), key.end()); });
  return keys;
}

TEST(SecretKeys, AreThoseOfTheSasBothMasterKeysAndThoseOfTheFirstMobileNodes) {
  std::set<Octets> keys;
  const auto left_out =
      for_each_key(description(), 3, [&](View key) { keys.emplace(key.begin(), key.end()); });
  EXPECT_EQ(left_out, description().last_mobile_node() - 3);
  for (const auto& [sa, from_dut, sequence] : description().router_sas) {
    EXPECT_TRUE(keys.contains(sa.auth_key));
    EXPECT_TRUE(keys.contains(sa.cipher_key));
  }
  EXPECT_TRUE(keys.contains(description().token_key));
  EXPECT_TRUE(keys.contains(description().sa_key));
  EXPECT_TRUE(keys.contains(description().token_key_of(3)));
  EXPECT_FALSE(keys.contains(description().token_key_of(4)));
}

TEST(SecretKeys, OfAnAddressAreTheTokenKeyAndThoseOfTheSasOfItsMobileNode) {
  for (const auto& address : {description().paddr_of(70000), description().naddr_of(70000),
                              RouterDescription::v4_of(70000)}) {
    const auto keys = keys_of(address);
    EXPECT_THAT(keys, Contains(description().token_key_of(70000)));
    for (const auto& [type, direction, context] : description().mobile_node(70000, Role::nr).sas) {
      EXPECT_THAT(keys, Contains(context.key));
    }
  }
  EXPECT_THAT(keys_of(address("2001:db8:77::1:5")), IsEmpty());
  EXPECT_THAT(keys_of(description().address), IsEmpty());
}

}  // namespace
}  // namespace secct::generator::test
