// SPDX-License-Identifier: GPL-2.0-or-later
// Redaction removes all secrets and keeps everything else.
#include "generator/capture/redact.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/malformed/catalogue.hpp"
#include "generator/packet/build.hpp"
#include "generator/packet/inspect.hpp"
#include "generator/packet/parse.hpp"
#include "ipsec/crypto.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

bool contains(View octets, View part) {
  return std::ranges::search(octets, part).begin() != octets.end();
}

// The secrets in the messages of mobile node `number`.
std::vector<Octets> secrets_of(std::uint32_t number) {
  std::vector<Octets> secrets;
  for (const auto& sa : description().mobile_node(number, Role::nr).sas) {
    if (sa.type < 3) continue;
    secrets.push_back(sa.context.key);
    secrets.push_back(sa.context.iv);
  }
  std::erase_if(secrets, [](const Octets& secret) {
    return secret.empty() || std::ranges::all_of(secret, [](auto o) { return o == 0; });
  });
  return secrets;
}

std::vector<std::pair<std::string, Octets>> messages(Keyring& keys) {
  std::vector<std::pair<std::string, Octets>> list;
  for (auto& [name, document] : all_messages(description(), keys)) {
    list.emplace_back(name, built(document, keys));
  }
  return list;
}

TEST(Redact, RemovesKeysFromAllMessages) {
  Keyring keys;
  const auto all = messages(keys);
  Redactor redactor({}, {});
  for (const auto& [name, octets] : all) redactor.learn(LinkType::ethernet, octets);
  std::size_t before = 0;
  for (const auto& [name, octets] : all) {
    auto redacted = octets;
    redactor.redact(LinkType::ethernet, redacted);
    EXPECT_EQ(redacted.size(), octets.size()) << name;
    for (const auto& secret : secrets_of(1)) {
      before += contains(octets, secret) ? 1 : 0;
      EXPECT_FALSE(contains(redacted, secret)) << name << ": " << to_hex(secret);
    }
  }
  EXPECT_GE(before, 8U);  // HI and SHREP contain four keys each
}

TEST(Redact, KeepsMessagesAndTheirRules) {
  Keyring keys;
  for (const auto& [name, octets] : messages(keys)) {
    Redactor redactor({}, {});
    redactor.learn(LinkType::ethernet, octets);
    auto redacted = octets;
    redactor.redact(LinkType::ethernet, redacted);
    const auto before = inspect({}, {}, LinkType::ethernet, octets);
    const auto after = inspect({}, {}, LinkType::ethernet, redacted);
    EXPECT_EQ(before.message, after.message) << name;
    EXPECT_EQ(before.rules, after.rules) << name;  // a wrong checksum breaks a rule
  }
}

TEST(Redact, ReplacesEqualSecretsEqually) {
  Keyring keys;
  std::vector<Octets> keys_found;
  Redactor redactor({}, {});
  Redactor other({}, {});
  for (const auto& [name, octets] : messages(keys)) {
    if (name != "hi" && name != "shrep") continue;
    for (auto* one : {&redactor, &other}) {
      auto redacted = octets;
      one->learn(LinkType::ethernet, octets);
      one->redact(LinkType::ethernet, redacted);
      const auto document = parse_to_document({}, {}, LinkType::ethernet, redacted);
      const auto text = to_json({}, {LinkType::ethernet, {document}}).dump();
      const auto at = text.find("\"secct.sa.key\":\"") + 16;
      keys_found.push_back(test::octets(text.substr(at, 42)));
    }
  }
  ASSERT_EQ(keys_found.size(), 4U);
  EXPECT_EQ(keys_found[0], keys_found[2]);  // in HI and in SHREP
  EXPECT_NE(keys_found[0], keys_found[1]);  // another file
}

TEST(Redact, RedactsHexadecimalInText) {
  Keyring keys;
  Redactor redactor({}, {});
  for (const auto& [name, octets] : messages(keys)) redactor.learn(LinkType::ethernet, octets);
  const auto secret = to_hex(secrets_of(1)[0]);
  const auto text = "key 0x" + secret + ", again " + secret + " of 2001:db8::1, spi 0x10000040";
  const auto redacted = redactor.redact(text);
  EXPECT_THAT(redacted, testing::Not(testing::HasSubstr(secret)));
  EXPECT_EQ(redacted.size(), text.size());
  EXPECT_THAT(redacted, testing::HasSubstr(" of 2001:db8::1, spi 0x10000040"));
  EXPECT_EQ(redactor.redact("2001:db8::1 has no secret"), "2001:db8::1 has no secret");
}

// A fragment can contain a part of a key, and anyone with its key can decrypt ESP.
TEST(Redact, RemovesContentOfFragmentsAndEsp) {
  Counters counters;
  Handover handover(description(), Role::nr, 1, 7, counters);
  for (const auto* name : {"shrep-fragments-reversed", "shrep-esp-icv"}) {
    const auto& entry = find_malformed(name);
    auto keys = handover.keyring();
    const auto values = handover_variables(handover);
    auto twin = *handover.by_name(entry.message);
    make_twin(entry, {}, values, keys, twin);
    for (const auto& packet : malform(entry, {}, values, twin, keys)) {
      const auto octets = build({}, keys, packet).octets;
      Redactor redactor({}, {});
      redactor.learn(LinkType::ethernet, octets);
      auto redacted = octets;
      redactor.redact(LinkType::ethernet, redacted);
      const std::size_t head = 14 + 40 + 8;  // Ethernet, IPv6, Fragment header or ESP
      EXPECT_TRUE(std::ranges::equal(View(octets).first(head), View(redacted).first(head)));
      const auto same =
          std::ranges::mismatch(View(octets).subspan(head), View(redacted).subspan(head));
      EXPECT_LT(same.in1 - View(octets).subspan(head).begin(), 4) << name;
    }
  }
}

TEST(Redact, RemovesKeysOfDescriptionAndSecretsInsideEsp) {
  auto confidential = description();
  confidential.policies.confidential = true;
  Counters counters;
  Handover handover(confidential, Role::nr, 1, 7, counters);
  const auto keys = handover.keyring();
  const auto shrep = build({}, keys, handover.shrep()).octets;
  const auto secret = secrets_of(1)[0];
  ASSERT_FALSE(contains(shrep, secret));  // encrypted
  Redactor redactor({}, confidential.keyring());
  redactor.learn(LinkType::ethernet, shrep);
  EXPECT_THAT(redactor.redact("key " + to_hex(secret)),
              testing::Not(testing::HasSubstr(to_hex(secret))));
  const auto router_key = to_hex(confidential.router_sas[0].sa.auth_key);
  EXPECT_THAT(redactor.redact(router_key), testing::Not(testing::HasSubstr(router_key)));
}

}  // namespace
}  // namespace secct::generator::test
