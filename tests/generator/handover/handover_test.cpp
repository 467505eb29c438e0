// SPDX-License-Identifier: GPL-2.0-or-later
// The messages of a handover as a receiver sees them: decapsulated and decoded.
#include "generator/handover/handover.hpp"

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ipsec/ah.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/esp.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "protocol/explain/explain.hpp"
#include "tests/generator/descriptions.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

// A packet after decapsulation.
struct Received {
  std::vector<std::string> headers;  // "ipv6 SOURCE > DESTINATION", "ah 0xSPI", ...
  Octets octets;                     // that `decoded` refers to
  DecodedMessage decoded;
  bool refused = false;
};

std::string hex_spi(std::uint32_t spi) { return fmt::format("0x{:08x}", spi); }

void decapsulate(Octets datagram_octets, const Keyring& keys, Protection protection,
                 Received& received) {
  received.octets = std::move(datagram_octets);
  const auto datagram = parse_datagram(received.octets);
  ASSERT_TRUE(datagram);
  received.headers.push_back(
      fmt::format("{} > {}", to_text(datagram->source), to_text(datagram->destination)));
  for (const auto& header : datagram->chain) {
    if (header.type == ip_proto::ah || header.type == ip_proto::esp) {
      const bool is_ah = header.type == ip_proto::ah;
      const auto head = ipsec_head(*datagram, header);
      received.headers.push_back(fmt::format("{} {}", is_ah ? "ah" : "esp", hex_spi(head->spi)));
      const auto* sa = keys.find(head->protocol, head->spi, datagram->destination);
      ASSERT_NE(sa, nullptr);
      const auto opened =
          is_ah ? decapsulate_ah(*datagram, header, *sa) : decapsulate_esp(*datagram, header, *sa);
      received.refused = opened.error != IpsecError::none;
      if (received.refused) return;
      return decapsulate(opened.datagram, keys, is_ah ? Protection::ah : Protection::esp, received);
    }
    Envelope envelope;
    envelope.source = datagram->source;
    envelope.destination = datagram->destination;
    envelope.hop_limit = datagram->hop_limit;
    envelope.protection = protection;
    const auto octets = datagram->octets_of(header);
    if (header.type == ip_proto::icmpv6) {
      decode({}, Carrier::icmpv6, octets, envelope, received.decoded);
    } else if (header.type == ip_proto::dstopts) {
      for (const auto& option : parse_header_options(octets)) {
        if (decode({}, Carrier::dstopt, octets.subspan(option.offset, option.length), envelope,
                   received.decoded)) {
          break;
        }
      }
    } else if (header.type == ip_proto::udp) {
      const bool request = octets[8] == 1;
      std::size_t at = 8 + (request ? 24 : 20);
      while (at < octets.size()) {
        const auto extension = octets.subspan(at, octets[at + 1] + 2U);
        if (decode({}, request ? Carrier::mip4_request : Carrier::mip4_reply, extension, envelope,
                   received.decoded)) {
          break;
        }
        at += extension.size();
      }
    }
  }
}

Received receive(const PacketDocument& packet, const Keyring& keys) {
  Received received;
  const auto frame = built(packet, keys);
  decapsulate(Octets(frame.begin() + 14, frame.end()), keys, Protection::none, received);
  return received;
}

TEST(Handover, MessagesBreakNoRule) {
  for (const auto* sas : {"", esp_first, tunnels, esp_tunnel, version_4}) {
    for (const bool confidential : {false, true}) {
      const auto router =
          *sas == '\0' ? description() : description_from(description_yaml(sas, confidential));
      Keyring keys;
      for (const auto& [name, document] : all_messages(router, keys)) {
        SCOPED_TRACE(name);
        const auto received = receive(document, keys);
        EXPECT_FALSE(received.refused);
        EXPECT_NE(received.decoded.message, Message::none);
        for (const auto& problem : received.decoded.problems) {
          // The token protects a SHIN; P-SHIN and SHAK are protected if there is an SA.
          EXPECT_TRUE(problem.rule == Rule::unprotected && received.headers.size() == 1)
              << problem_text(problem);
        }
      }
    }
  }
}

TEST(Handover, MessagesHaveAddressesAndSasOfTheDescription) {
  Keyring keys;
  const std::string between_nr_pr =
      "2001:db8:2::1 > 2001:db8:1::1, ah 0x00001002, "
      "2001:db8:2::1 > 2001:db8:1::1";
  const std::string between_pr_nr =
      "2001:db8:1::1 > 2001:db8:2::1, ah 0x00001001, "
      "2001:db8:1::1 > 2001:db8:2::1";
  const std::map<std::string, std::pair<Message, std::string>> expected{
      {"hi", {Message::hi, between_pr_nr}},
      {"hack", {Message::hack, between_nr_pr}},
      {"shreq", {Message::shreq, between_nr_pr}},
      {"shrep", {Message::shrep, between_pr_nr}},
      {"shrep-status", {Message::shrep, between_pr_nr}},
      {"shrep-ack", {Message::shrep_ack, between_nr_pr}},
      {"shin", {Message::shin, "2001:db8:20::1:1 > 2001:db8:2::1"}},
      {"p-shin",
       {Message::pshin,
        "2001:db8:10::1:1 > 2001:db8:1::1, ah 0x20000041, "
        "2001:db8:10::1:1 > 2001:db8:1::1"}},
      {"shak",
       {Message::shak,
        "2001:db8:2::1 > 2001:db8:20::1:1, ah 0x10000040, "
        "2001:db8:2::1 > 2001:db8:20::1:1"}},
      {"mip4-request", {Message::mip4_request, "::ffff:10.1.0.1 > ::ffff:192.0.2.1"}},
      {"mip4-reply", {Message::mip4_reply, "::ffff:192.0.2.1 > ::ffff:10.1.0.1"}}};
  for (const auto& [name, document] : all_messages(description(), keys)) {
    SCOPED_TRACE(name);
    const auto found = expected.find(name);
    ASSERT_NE(found, expected.end());
    const auto received = receive(document, keys);
    EXPECT_EQ(received.decoded.message, found->second.first);
    EXPECT_EQ(fmt::format("{}", fmt::join(received.headers, ", ")), found->second.second);
    if (message_info(received.decoded.message).carrier != Carrier::icmpv6) continue;
    EXPECT_EQ(received.decoded.number(Field::identifier), 7U);
  }
}

// wire-format.md D15: outer and inner addresses are NR and Naddr, the sequence number is the
// transferred one plus 1.
TEST(Handover, ShakAndPShinUseATunnelSa) {
  Keyring keys;
  const auto router = description_from(description_yaml(tunnels));
  const auto messages = all_messages(router, keys);
  for (const auto& [name, document] : messages) {
    if (name == "shak") {
      EXPECT_EQ(fmt::format("{}", fmt::join(receive(document, keys).headers, ", ")),
                "2001:db8:21::1 > 2001:db8:20::1:1, ah 0x00500041, "
                "2001:db8:21::1 > 2001:db8:20::1:1");
      EXPECT_EQ(document.find(LayerKind::ah)->number(HeaderField::ah_sequence), 7U);
    }
    if (name == "p-shin") {
      EXPECT_EQ(fmt::format("{}", fmt::join(receive(document, keys).headers, ", ")),
                "2001:db8:10::1:1 > 2001:db8:1::1, ah 0x00900042, "
                "2001:db8:10::1:1 > 2001:db8:1::1");
      EXPECT_EQ(document.find(LayerKind::ah)->number(HeaderField::ah_sequence), 10U);
    }
  }
}

TEST(Handover, ShakUsesTheFirstSaThatLeadsToTheMobileNode) {
  Keyring keys;
  const auto router = description_from(description_yaml(esp_first));
  for (const auto& [name, document] : all_messages(router, keys)) {
    if (name != "shak") continue;
    const auto received = receive(document, keys);
    // The first SA leads to the router.
    EXPECT_EQ(received.headers.at(1), "esp 0x00500041");
    EXPECT_EQ(document.find(LayerKind::esp)->number(HeaderField::esp_sequence), 42U);
  }
}

// SAs of the other IP version cannot protect a SHAK; a failed transfer leaves no SA (wire-format.md
// D14).
TEST(Handover, ShakIsUnprotectedWithoutAnSa) {
  Keyring keys;
  for (const auto& [name, document] :
       all_messages(description_from(description_yaml(version_4)), keys)) {
    if (name != "shak") continue;
    EXPECT_EQ(receive(document, keys).headers.size(), 1U);
  }
  Counters counters;
  Handover handover(description(), Role::nr, 1, 7, counters);
  const auto failed = handover.shak(105);
  EXPECT_EQ(failed.find(LayerKind::ah), nullptr);
  EXPECT_EQ(receive(failed, handover.keyring()).decoded.number(Field::status), 105U);
}

TEST(Handover, EspProtectsConfidentialContexts) {
  Keyring keys;
  for (const auto& [name, document] :
       all_messages(description_from(description_yaml(esp_first, true)), keys)) {
    if (document.find(LayerKind::icmpv6) == nullptr) continue;
    const bool contexts = name == "hi" || name.starts_with("shrep") ? name != "shrep-ack" : false;
    EXPECT_EQ(document.find(LayerKind::esp) != nullptr, contexts) << name;
    EXPECT_EQ(document.find(LayerKind::ah) != nullptr, !contexts) << name;
  }
}

TEST(Handover, TokensUseTheTokenKeyOfTheMobileNode) {
  Keyring keys;
  const auto node = description().mobile_node(1, Role::nr);
  for (const auto& [name, document] : all_messages(description(), keys)) {
    const auto received = receive(document, keys);
    const auto* token = received.decoded.find(Field::auth_token);
    if (token == nullptr) continue;
    const auto features = token_features({}, received.decoded);
    const auto replay = static_cast<std::uint8_t>(*received.decoded.number(Field::auth_replay));
    EXPECT_EQ(replay, name == "hi" ? 0 : 1) << name;
    const auto v4 = name == "mip4-request";
    EXPECT_EQ(token->number, compute_token(node.token_key, *features, replay,
                                           v4 ? address("10.1.0.1") : node.paddr))
        << name;
  }
}

TEST(Handover, PredictiveShinHasTheTokenOfTheUshrep) {
  Counters counters;
  Handover handover(description(), Role::nr, 3, 7, counters);
  const auto keys = handover.keyring();
  const auto hi = receive(handover.hi(), keys);
  const auto shin = receive(handover.shin(0), keys);
  EXPECT_EQ(hi.decoded.number(Field::auth_token), shin.decoded.number(Field::auth_token));
  EXPECT_NE(receive(handover.shin(1), keys).decoded.number(Field::auth_token),
            shin.decoded.number(Field::auth_token));
}

TEST(Handover, TransfersTheContextsOfTheDescription) {
  Keyring keys;
  auto expected = description().mobile_node(1, Role::nr).transferable();
  for (auto& context : expected) context.iv.resize(find_spt(context.spt)->iv_length());
  for (const auto& [name, document] : all_messages(description(), keys)) {
    if (name != "hi" && name != "shrep") continue;
    EXPECT_TRUE(read_contexts(receive(document, keys).decoded) == expected) << name;
  }
}

TEST(Handover, SequenceNumbersOfEachSaIncrease) {
  Counters counters;
  Handover first(description(), Role::nr, 1, 7, counters);
  Handover second(description(), Role::nr, 2, 8, counters);
  const auto number = [](const PacketDocument& packet) {
    return packet.find(LayerKind::ah)->number(HeaderField::ah_sequence);
  };
  EXPECT_EQ(number(first.shreq()), 1U);
  EXPECT_EQ(number(second.shreq()), 2U);
  EXPECT_EQ(number(first.hack()), 3U);
  EXPECT_EQ(number(first.shrep()), 1U);  // another SA
  Counters starting;
  EXPECT_EQ(starting.next(IpsecProtocol::ah, 5, 64), 64U);
  EXPECT_EQ(starting.next(IpsecProtocol::ah, 5, 64), 65U);
  EXPECT_EQ(starting.next(IpsecProtocol::esp, 5, 7), 7U);  // another SA with the same SPI
  EXPECT_EQ(starting.next(IpsecProtocol::ah, 5), 66U);
}

// wire-format.md D17: between routers with IPv4 addresses, ICMPv6 is IPv4 protocol 58.
TEST(Handover, MessagesBetweenIpv4RoutersAreIpv4) {
  auto text = description_yaml(tunnels);
  const auto replace = [&](const std::string& old, const std::string& by) {
    text.replace(text.find(old), old.size(), by);
  };
  replace("\naddress: 2001:db8:2::1", "\naddress: 192.0.2.1");
  replace("peer: 2001:db8:1::1", "peer: 192.0.2.2");
  Counters counters;
  const auto router = description_from(text);
  Handover handover(router, Role::nr, 1, 7, counters);
  const auto shreq = handover.shreq();
  EXPECT_EQ(shreq.find(LayerKind::ipv6), nullptr);
  const auto received = receive(shreq, handover.keyring());
  EXPECT_EQ(received.headers.at(0), "::ffff:192.0.2.1 > ::ffff:192.0.2.2");
  EXPECT_FALSE(received.refused);
  EXPECT_EQ(received.decoded.message, Message::shreq);
  EXPECT_TRUE(received.decoded.problems.empty());  // the checksum and the hop limit too
}

// behaviour.md 2.7: each end gets the address of the NR that has the same IP version.
TEST(Handover, Ipv4RoutersReplaceTheEndsOfBothIpVersions) {
  auto text = description_yaml(std::string(tunnels) + version_4);
  const auto replace = [&](const std::string& old, const std::string& by) {
    text.replace(text.find(old), old.size(), by);
  };
  replace("\naddress: 2001:db8:2::1", "\naddress: 198.51.100.1");
  replace("peer: 2001:db8:1::1", "peer: 198.51.100.2");
  replace("ipv4: {address: 192.0.2.1, peer: 192.0.2.2}", "");
  const auto router = description_from(text);
  Counters counters;
  Handover handover(router, Role::nr, 1, 7, counters);
  const auto moved = [&](std::size_t sa) {
    return handover.at_new_router(handover.mobile_node().sas.at(sa).context);
  };
  EXPECT_EQ(moved(0).source, address("2001:db8:21::1"));  // type 3, IPv6: mn_address
  EXPECT_EQ(moved(1).source, address("2001:db8:21::1"));  // type 5, IPv6
  EXPECT_EQ(moved(1).destination, address("2001:db8:20::1:1"));
  EXPECT_EQ(moved(3).source, address("198.51.100.1"));  // type 5, IPv4: address
  EXPECT_EQ(moved(4).destination, address("198.51.100.1"));
  EXPECT_EQ(receive(handover.pshin(), handover.keyring()).headers.at(0),
            "2001:db8:10::1:1 > 2001:db8:10::1");
}

// RFC 2402 3.3.2: the number must not cycle.
TEST(Handover, CountersRefuseTheNumberAfterTheLastOne) {
  Counters counters;
  EXPECT_EQ(counters.next(IpsecProtocol::ah, 5, UINT32_MAX), UINT32_MAX);
  EXPECT_EQ(
      error_of([&] { counters.next(IpsecProtocol::ah, 5); }),
      "needs a lower 'sequence' in the router description: the SA with the SPI 0x00000005 has "
      "no sequence number after 4294967295, the highest one (RFC 2402 3.3.2)");
  EXPECT_THROW(counters.next(IpsecProtocol::ah, 5), SequenceExhausted);
  EXPECT_THROW(counters.next(IpsecProtocol::ah, 6, following(UINT32_MAX)), SequenceExhausted);
}

// wire-format.md section 4: the largest option has 2,040 octets.
TEST(Handover, ContextsThatDoNotFitIntoOneOptionGoOnInFurtherMessages) {
  const auto router = description_from(description_yaml(
      "    - {type: 5, direction: to-mn, spt: 9, spi_base: 0x100000, repeat: 64}\n"));
  Counters counters;
  Handover handover(router, Role::nr, 1, 7, counters);
  const auto contexts = handover.mobile_node().transferable();
  for (const auto message : {Message::hi, Message::shrep}) {
    std::vector<Context> received;
    const auto parts = handover.parts(message, contexts);
    EXPECT_GT(parts.size(), 2U);
    for (const auto& part : parts) {
      const auto& decoded =
          receive(message == Message::hi ? handover.hi(part) : handover.shrep(part),
                  handover.keyring())
              .decoded;
      EXPECT_TRUE(decoded.problems.empty());
      EXPECT_LE(*decoded.number(Field::opt_length), 255U);
      for (const auto& context : read_contexts(decoded)) received.push_back(context);
      // The next context would not have fitted.
      auto more = part;
      if (received.size() == contexts.size()) continue;
      more.push_back(contexts[received.size()]);
      EXPECT_EQ(handover.parts(message, more).size(), 2U);
    }
    ASSERT_EQ(received.size(), contexts.size());
    for (std::size_t i = 0; i < contexts.size(); ++i) EXPECT_EQ(received[i].spi, contexts[i].spi);
  }
  EXPECT_EQ(handover.parts(Message::shrep, {}).size(), 1U);
}

// The SHAK after the first SHREP can only be protected by an SA of this SHREP, and so are the
// others (behaviour.md 2.7). The SAs of all HIs are installed at once.
TEST(Handover, ShakIsProtectedByAnSaOfTheFirstPart) {
  const auto router = description_from(description_yaml(ah_only_tunnels));
  const auto spi = [](const PacketDocument& packet) {
    const auto* ah = packet.find(LayerKind::ah);
    return ah == nullptr ? 0 : *ah->number(HeaderField::ah_spi);
  };
  const auto contexts = router.mobile_node(1, Role::nr).transferable();
  ASSERT_EQ(contexts.size(), 3U);
  Counters counters;
  Handover reactive(router, Role::nr, 1, 7, counters);
  reactive.shrep({contexts[0], contexts[1]});
  reactive.shrep({contexts[2]});
  EXPECT_EQ(spi(reactive.shak()), contexts[1].spi);  // the first one is IPv4
  EXPECT_EQ(spi(reactive.shak()), contexts[1].spi);
  Handover late(router, Role::nr, 1, 7, counters);
  late.shrep({contexts[0]});
  late.shrep({contexts[1], contexts[2]});
  EXPECT_EQ(spi(late.shak()), 0U);
  EXPECT_EQ(spi(late.shak()), contexts[2].spi);
  Handover predictive(router, Role::nr, 1, 7, counters);
  predictive.hi({contexts[0], contexts[1]});
  predictive.hi({contexts[2]});
  EXPECT_EQ(spi(predictive.shak()), contexts[2].spi);
}

TEST(Handover, RouterUnderTestIsThePreviousRouterInTheRolePr) {
  Counters counters;
  const auto router = description_from(description_yaml(tunnels));
  Handover handover(router, Role::pr, 1, 7, counters);
  EXPECT_EQ(handover.pr(), address("2001:db8:2::1"));
  EXPECT_EQ(handover.nr(), address("2001:db8:1::1"));
  EXPECT_EQ(receive(handover.shreq(), handover.keyring()).headers.at(1), "ah 0x00001001");
  EXPECT_EQ(receive(handover.shrep(), handover.keyring()).headers.at(1), "ah 0x00001002");
  // The address of the NR replaces the address that the PR has on the side of the mobile node.
  EXPECT_EQ(receive(handover.shak(), handover.keyring()).headers.at(2),
            "2001:db8:1::1 > 2001:db8:20::1:1");
}

// behaviour.md 2.7: `ipv4.address` replaces `ipv4.peer`; the address of the mobile node stays.
TEST(Handover, KeyringHasIpv4SasBeforeAndAfterTheHandover) {
  Counters counters;
  const auto router = description_from(description_yaml(version_4));
  const auto keys = Handover(router, Role::nr, 1, 7, counters).keyring();
  const auto* sa = keys.find(IpsecProtocol::ah, 0x100040, address("10.1.0.1"));
  ASSERT_NE(sa, nullptr);
  std::vector<Address> sources;
  for (const auto& candidate : keys.sas) {
    if (candidate.spi == 0x100040) sources.push_back(candidate.source);
  }
  EXPECT_THAT(sources, testing::ElementsAre(address("192.0.2.2"), address("192.0.2.1")));
}

TEST(ShakContext, PrefersTheFirstSaThatLeadsToTheMobileNode) {
  const auto naddr = address("2001:db8:b::1");
  const auto other = address("2001:db8::9");
  const auto make = [](std::uint16_t spt, const Address& source, const Address& destination) {
    Context context;
    context.spt = spt;
    context.source = source;
    context.destination = destination;
    return context;
  };
  const auto ipcomp = *parse_spt("IPCOMP-TRANSPORT-DEFLATE-V6-V6");
  const std::vector<Context> contexts{
      make(ipcomp, other, naddr), make(1, address("10.0.0.1"), address("10.0.0.2")),
      make(9, naddr, other), make(3, other, naddr), make(9, other, naddr)};
  EXPECT_EQ(shak_context(contexts, naddr), &contexts[3]);
  EXPECT_EQ(shak_context({contexts.begin(), contexts.begin() + 2}, naddr), nullptr);
  const std::vector<Context> others(contexts.begin(), contexts.begin() + 3);
  EXPECT_EQ(shak_context(others, naddr), &others[2]);
  EXPECT_EQ(shak_context(contexts, address("10.0.0.2")), &contexts[1]);
}

TEST(Handover, MakesEveryMessageByName) {
  Counters counters;
  Handover handover(description(), Role::nr, 1, 7, counters);
  EXPECT_FALSE(handover.by_name("nothing"));
  for (const auto name : Handover::names()) EXPECT_TRUE(handover.by_name(name));
}

}  // namespace
}  // namespace secct::generator::test
