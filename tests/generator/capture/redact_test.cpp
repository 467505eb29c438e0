// SPDX-License-Identifier: GPL-2.0-or-later
// Redaction removes all secrets and keeps everything else.
#include "generator/capture/redact.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/malformed/catalogue.hpp"
#include "generator/packet/build.hpp"
#include "generator/packet/inspect.hpp"
#include "generator/packet/parse.hpp"
#include "network/write_number.hpp"
#include "protocol/decode/decode.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

bool contains(View octets, View part) {
  return std::ranges::search(octets, part).begin() != octets.end();
}

void learn(Redactor& redactor, View octets, LinkType link = LinkType::ethernet) {
  redactor.learn({link, octets, octets.size()}, 0);
}

Octets redact(Redactor& redactor, View octets, std::size_t original_length,
              LinkType link = LinkType::ethernet) {
  CapturedPacket packet;
  packet.number = 1;
  packet.link = link;
  packet.octets.assign(octets.begin(), octets.end());
  packet.original_length = static_cast<std::uint32_t>(original_length);
  redactor.redact(packet);
  return packet.octets;
}

Octets redacted(Redactor& redactor, const Octets& octets, LinkType link = LinkType::ethernet) {
  return redact(redactor, octets, octets.size(), link);
}

// Redacts a packet that is the only one of its capture.
Octets redacted(const Octets& octets) {
  Redactor redactor({}, {});
  learn(redactor, octets);
  return redacted(redactor, octets);
}

// Whether `octets` contain any eight consecutive octets of a secret.
bool contains_part(View octets, const std::vector<Octets>& secrets) {
  constexpr std::size_t part = 8;
  for (const auto& secret : secrets) {
    for (std::size_t at = 0; at + part <= secret.size(); ++at) {
      if (contains(octets, View(secret).subspan(at, part))) return true;
    }
  }
  return false;
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
  for (const auto& [name, octets] : all) learn(redactor, octets);
  std::size_t before = 0;
  for (const auto& [name, octets] : all) {
    const auto result = redacted(redactor, octets);
    EXPECT_EQ(result.size(), octets.size()) << name;
    for (const auto& secret : secrets_of(1)) {
      before += contains(octets, secret) ? 1 : 0;
      EXPECT_FALSE(contains(result, secret)) << name << ": " << to_hex(secret);
    }
  }
  EXPECT_GE(before, 8U);  // HI and SHREP contain four keys each
  EXPECT_TRUE(redactor.unread().empty());
}

// The capture may contain a part of a message only.
TEST(Redact, RemovesKeysFromTruncatedMessages) {
  Keyring keys;
  const auto secrets = secrets_of(1);
  for (const auto& [name, octets] : messages(keys)) {
    for (std::size_t length = 0; length < octets.size(); ++length) {
      Redactor redactor({}, {});
      const auto part = redact(redactor, View(octets).first(length), octets.size());
      EXPECT_FALSE(contains_part(part, secrets)) << name << ", " << length << " octets";
    }
  }
}

TEST(Redact, RemovesKeysFromMessagesWithWrongPayloadLength) {
  Keyring keys;
  const auto secrets = secrets_of(1);
  constexpr std::size_t length_at = ethernet_octets + 4;
  for (const auto& [name, octets] : messages(keys)) {
    auto wrong = octets;
    if (octets[ethernet_octets] >> 4 != 6) continue;
    for (std::size_t length = 0; length < octets.size() + 8; ++length) {
      write_number(std::span(wrong).subspan(length_at, 2), length);
      EXPECT_FALSE(contains_part(redacted(wrong), secrets)) << name << ", " << length;
    }
  }
}

TEST(Redact, RemovesKeysFromMalformedMessages) {
  const auto secrets = secrets_of(1);
  Counters counters;
  Handover handover(description(), Role::nr, 1, 7, counters);
  const auto values = handover_variables(handover);
  for (const auto& entry : malformed()) {
    auto keys = handover.keyring();
    auto twin = *handover.by_name(entry.message);
    make_twin(entry, {}, values, keys, twin);
    for (const auto& packet : malform(entry, {}, values, twin, keys)) {
      EXPECT_FALSE(contains_part(redacted(build({}, keys, packet).octets), secrets)) << entry.name;
    }
  }
}

TEST(Redact, KeepsMessagesAndTheirRules) {
  Keyring keys;
  for (const auto& [name, octets] : messages(keys)) {
    const auto before = inspect({}, {}, LinkType::ethernet, octets);
    const auto after = inspect({}, {}, LinkType::ethernet, redacted(octets));
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
      learn(*one, octets);
      const auto document = parse_to_document({}, {}, LinkType::ethernet, redacted(*one, octets));
      const auto text = to_json({}, {LinkType::ethernet, {document}, {}, {}}).dump();
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
  for (const auto& [name, octets] : messages(keys)) learn(redactor, octets);
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
      const auto result = redacted(octets);
      const std::size_t head = 14 + 40 + 8;  // Ethernet, IPv6, Fragment header or ESP
      EXPECT_TRUE(std::ranges::equal(View(octets).first(head), View(result).first(head)));
      const auto same =
          std::ranges::mismatch(View(octets).subspan(head), View(result).subspan(head));
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
  learn(redactor, shrep);
  EXPECT_THAT(redactor.redact("key " + to_hex(secret)),
              testing::Not(testing::HasSubstr(to_hex(secret))));
  const auto router_key = to_hex(confidential.router_sas[0].sa.auth_key);
  EXPECT_THAT(redactor.redact(router_key), testing::Not(testing::HasSubstr(router_key)));
}

TEST(Redact, AsksOnceForTheKeysOfEachAddressAlsoOfThoseInsideEsp) {
  auto confidential = description();
  confidential.policies.confidential = true;
  Counters counters;
  Handover handover(confidential, Role::nr, 1, 7, counters);
  const auto shrep = build({}, handover.keyring(), handover.shrep()).octets;
  const Octets key(16, 0x5a);
  std::vector<Address> asked;
  Redactor redactor({}, confidential.keyring(), [&](const Address& address, const auto& each) {
    asked.push_back(address);
    each(key);
  });
  learn(redactor, shrep);
  learn(redactor, shrep);
  const auto naddr = confidential.naddr_of(1);
  EXPECT_FALSE(contains(shrep, Octets(naddr.begin(), naddr.end())));  // encrypted
  EXPECT_THAT(asked, testing::UnorderedElementsAreArray(std::set(asked.begin(), asked.end())));
  EXPECT_THAT(asked, testing::IsSupersetOf({confidential.address, confidential.peer, naddr}));
  EXPECT_THAT(redactor.redact("key " + to_hex(key)), testing::Not(testing::HasSubstr(to_hex(key))));
}

TEST(Redact, LearnsSecretsFromReassembledMessages) {
  const auto& entry = find_malformed("shrep-fragments-reversed");
  Counters counters;
  Handover handover(description(), Role::nr, 1, 7, counters);
  auto keys = handover.keyring();
  const auto values = handover_variables(handover);
  auto twin = *handover.by_name(entry.message);
  make_twin(entry, {}, values, keys, twin);
  Redactor redactor({}, {});
  for (const auto& packet : malform(entry, {}, values, twin, keys)) {
    learn(redactor, build({}, keys, packet).octets);
  }
  const auto secret = to_hex(secrets_of(1)[0]);
  EXPECT_THAT(redactor.redact("key " + secret), testing::Not(testing::HasSubstr(secret)));
}

// The frames of tests/vectors/frames.list: every link layer and tunnel that FrameWalker reads.
struct FrameRow {
  std::string name;
  LinkType link;
  Octets octets;
  std::vector<std::string> results;  // as in the file

  bool has(std::string_view part) const {
    return std::ranges::any_of(
        results, [&](const auto& result) { return result.find(part) != std::string::npos; });
  }
  // Whether FrameWalker reads it to its end, or stops at ESP, at a fragment or where the capture
  // ends.
  bool is_readable() const {
    return std::ranges::all_of(results, [&](const std::string& result) {
      if (result.find("stop:") == std::string::npos) return true;
      if (result.find("encrypted") != std::string::npos) return true;
      if (result.find("fragment@") != std::string::npos) return true;
      return result.ends_with(fmt::format("@{}", octets.size()));
    });
  }
};

std::vector<FrameRow> frames() {
  std::vector<FrameRow> rows;
  for (const auto& row : read_table("tests/vectors/frames.list")) {
    rows.push_back({row.at(0),
                    static_cast<LinkType>(std::stoi(row.at(1))),
                    table_octets(row.at(2)),
                    {row.begin() + 3, row.end()}});
  }
  return rows;
}

TEST(Redact, RemovesSecretsUnderEveryLinkLayerAndTunnel) {
  const auto token = octets("5cff690b");
  const auto authenticator = octets("606162636465666768696a6b6c6d6e6f");
  std::size_t before = 0;
  for (const auto& frame : frames()) {
    SCOPED_TRACE(frame.name);
    if (frame.results.empty() || frame.results[0] == "icmpv6@40+104") continue;  // not SecCT
    Redactor redactor({}, {});
    const auto result = redacted(redactor, frame.octets, frame.link);
    EXPECT_EQ(result.size(), frame.octets.size());
    before += contains(frame.octets, token) ? 1 : 0;
    EXPECT_FALSE(contains(result, token));
    EXPECT_FALSE(contains(result, authenticator));
    EXPECT_EQ(redactor.unread().empty(), frame.is_readable());
    const auto seen = inspect({}, {}, frame.link, frame.octets);
    const auto after = inspect({}, {}, frame.link, result);
    if (!frame.is_readable()) continue;
    EXPECT_EQ(seen.message, after.message);
    EXPECT_EQ(seen.rules, after.rules);
  }
  EXPECT_GE(before, 90U);
}

TEST(Redact, KeepsFramesWithoutSecrets) {
  for (const auto& frame : frames()) {
    // This one has octets after the datagram.
    if (!frame.results.empty() || frame.name == "ipv6-no-payload-padded") continue;
    Redactor redactor({}, {});
    EXPECT_EQ(redacted(redactor, frame.octets, frame.link), frame.octets) << frame.name;
  }
}

TEST(Redact, OverwritesFromTheFirstOctetThatIsNotRead) {
  Redactor redactor({}, {});
  std::size_t number = 0;
  for (const auto& frame : frames()) {
    if (!frame.has("stop:unknown-EtherType")) continue;
    const std::size_t at = frame.name == "unknown-ethertype" ? 14 : 18;  // the other has a VLAN tag
    const auto result = redacted(redactor, frame.octets, frame.link);
    EXPECT_TRUE(std::ranges::equal(View(result).first(at), View(frame.octets).first(at)));
    EXPECT_FALSE(
        std::ranges::equal(View(result).subspan(at, 8), View(frame.octets).subspan(at, 8)));
    ++number;
  }
  ASSERT_EQ(number, 2U);
  ASSERT_EQ(redactor.unread().size(), 1U);
  const auto& unread = redactor.unread()[0];
  EXPECT_EQ(unread.frames, 2U);
  EXPECT_EQ(unread.first_number, 1U);
  EXPECT_EQ(unread.first.reason, "unknown EtherType");
  EXPECT_EQ(unread.first.number, 0x1234U);
  EXPECT_EQ(unread.first.at, 14U);
}

TEST(Redact, OverwritesOctetsAfterADatagramUnlessTheyArePadding) {
  const auto frame = frames().at(0).octets;
  const auto tail_is_kept = [&](std::string_view hex) {
    auto longer = frame;
    append(longer, octets(hex));
    const auto result = redacted(longer);
    return std::ranges::equal(View(result).subspan(frame.size()),
                              View(longer).subspan(frame.size()));
  };
  EXPECT_TRUE(tail_is_kept("000000000000000000000000"));
  EXPECT_TRUE(tail_is_kept("00000000deadbeef"));  // padding and frame check sequence
  EXPECT_FALSE(tail_is_kept("0102030405"));
}

// A checksum outside also covers the checksum inside.
TEST(Redact, KeepsChecksumsCorrectOrWrong) {
  std::size_t correct = 0;
  for (auto frame : frames()) {
    if (!frame.is_readable() || !frame.has("quoted:icmpv6@88+56")) continue;
    for (const int difference : {0, 1}) {
      frame.octets[42] = static_cast<std::uint8_t>(frame.octets[42] ^ difference);
      Redactor redactor({}, {});
      const auto result = redacted(redactor, frame.octets, frame.link);
      EXPECT_NE(result, frame.octets);
      const auto is_correct = [](View octets) {
        const auto datagram = parse_datagram(octets);
        const auto message = octets.subspan(40);
        return icmpv6_checksum(datagram->source, datagram->destination, message) ==
               big_endian(message.subspan(2, 2));
      };
      EXPECT_EQ(is_correct(result), difference == 0) << frame.name;
      correct += is_correct(result) ? 1 : 0;
    }
  }
  EXPECT_GE(correct, 4U);
}

}  // namespace
}  // namespace secct::generator::test
