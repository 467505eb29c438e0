// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/algorithms.hpp"

#include <gtest/gtest.h>

namespace secct::ipsec::test {
namespace {

TEST(Algorithms, AreFoundByTheirNames) {
  for (const auto& row : auth_names()) EXPECT_EQ(find_auth_algorithm(row.name), row.algorithm);
  for (const auto& row : cipher_names()) EXPECT_EQ(find_cipher(row.name), row.cipher);
  EXPECT_EQ(find_auth_algorithm("hmac-sha1"), AuthAlgorithm::hmac_sha1);
  EXPECT_EQ(find_cipher("none"), Cipher::null);
}

TEST(Algorithms, OtherNamesAreNotFound) {
  for (const auto* name : {"", "HMAC-SHA1", "hmac-sha256", "hmac-md5 ", "hmac", "aes-cbc"}) {
    EXPECT_FALSE(find_auth_algorithm(name)) << name;
  }
  for (const auto* name : {"", "AES-CBC", "aes", "aes-cbc-256", "hmac-md5"}) {
    EXPECT_FALSE(find_cipher(name)) << name;
  }
}

}  // namespace
}  // namespace secct::ipsec::test
