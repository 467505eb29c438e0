// SPDX-License-Identifier: GPL-2.0-or-later
// Texts lose secrets in every spelling and keep everything else.
// (tests/captures/redact.py has a capture for each spelling.)
#include "generator/capture/redact_text.hpp"

#include <chrono>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ipsec/redacted.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

const Octets key = octets("4ef3e048549c8f300a137bd0d30887199c527d06");

std::string redacted(const std::string& text) {
  SecretMap secrets;
  secrets.add(key, SecretMap::Source::capture);
  const auto result = redact_text(text, secrets);
  EXPECT_EQ(result.size(), text.size()) << text;
  return result;
}

TEST(RedactText, KeepsTextWithoutSecrets) {
  for (const std::string text :
       {"", "a", "0", "0x", "\\x", "2001:db8::1, spi 0x10000040 added a bad face",
        "Gr\303\274\303\237e\nline 2\n\n0000  00 01\n", "4ef3e048549c8f", "0000: 4ef3e048549c8f\n",
        "SGVsbG8gd29ybGQh=="}) {
    EXPECT_EQ(redacted(text), text);
  }
}

TEST(RedactText, KeepsTheTextAroundASecret) {
  EXPECT_THAT(redacted("key 4EF3E048-549c8f300a137bd0d30887199c52-7d06 of 2001:db8::1"),
              testing::MatchesRegex("key [0-9A-F]{8}-[0-9A-F]{28}-[0-9A-F]{4} of 2001:db8::1"));
  EXPECT_THAT(redacted("= 4ef3e048549c8f300a137bd0d30887199c527d06;"),
              testing::MatchesRegex("= [0-9a-f]{40};"));
}

TEST(RedactText, ReplacesASecretAsInPackets) {
  SecretMap secrets;
  secrets.add(key, SecretMap::Source::capture);
  EXPECT_EQ(redact_text(to_hex(key), secrets), to_hex(secrets.replacement(key)));
}

TEST(RedactText, OverwritesOctetsThatAreNotText) {
  EXPECT_EQ(redacted("x" + std::string(key.begin(), key.end()) + "y"),
            "x" + std::string(key.size(), '*') + "y");
}

TEST(RedactText, TakesLinearTime) {
  using namespace std::chrono;
  const auto time = [](std::size_t octets) {
    const auto start = steady_clock::now();
    redacted(std::string(octets, 'a'));
    return duration_cast<milliseconds>(steady_clock::now() - start).count();
  };
  EXPECT_LT(time(1000000), 100 * (time(100000) + 10));
}

TEST(SecretMap, FindsWholeSecretsAndTheirBeginningAtTheEnd) {
  SecretMap secrets;
  secrets.add(key, SecretMap::Source::capture);
  secrets.add(View(key).first(8), SecretMap::Source::capture);
  secrets.add(octets("00000000000000000000"), SecretMap::Source::capture);
  secrets.add(octets("010203"), SecretMap::Source::capture);
  EXPECT_EQ(secrets.in_capture(), 2U);
  EXPECT_EQ(secrets.secret_at(key, 0, 8), key.size());
  EXPECT_EQ(secrets.secret_at(View(key).first(19), 0, 8), 19U);
  EXPECT_EQ(secrets.secret_at(View(key).first(8), 0, 8), 8U);
  EXPECT_EQ(secrets.secret_at(View(key).first(7), 0, 4), 0U);
  EXPECT_TRUE(secrets.has_part_at(key, 12));
  EXPECT_FALSE(secrets.has_part_at(key, 13));
}

TEST(SecretMap, GivesDifferentTokensDifferentMarkedReplacements) {
  SecretMap secrets;
  std::set<Octets> replacements;
  for (std::uint32_t token = 1; token <= 1000; ++token) {
    Octets octets;
    append_number(octets, token * 7919, 4);
    secrets.add(octets, SecretMap::Source::capture);
    replacements.insert(secrets.replacement(octets));
    EXPECT_TRUE(
        is_redacted_token(static_cast<std::uint32_t>(big_endian(secrets.replacement(octets)))));
  }
  EXPECT_EQ(replacements.size(), 1000U);
}

}  // namespace
}  // namespace secct::generator::test
