// SPDX-License-Identifier: GPL-2.0-or-later
// Malformed packets among valid ones: order, sequence numbers, and that seed and number determine a
// random packet.
#include "generator/malformed/inject.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/malformed/random.hpp"
#include "generator/packet/build.hpp"
#include "generator/scenario/scenario.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

const std::set<std::string> reactive_messages{"shin", "shreq", "shrep", "shrep-ack", "shak"};

struct Injected {
  std::vector<PacketDocument> packets;
  std::size_t count = 0;  // malformed packets selected
  std::size_t valid = 0;  // packets of the scenario
};

// The packets of reactive handovers and the malformed packets that `pick` selects.
Injected injected(PickMalformed pick, std::uint32_t handovers, Injector::Unfit unfit) {
  auto scenario = make_scenario(find_scenario("reactive"), description(), handovers, 1);
  Injector injector(description(), std::move(pick), unfit);
  Injected all;
  all.valid = scenario.document.packets.size();
  for (std::size_t i = 0; i < all.valid; ++i) {
    for (auto& packet : injector.add(std::move(scenario.document.packets[i]),
                                     scenario.mobile_nodes[i], scenario.keys)) {
      const auto result = build(description().codepoints, scenario.keys, packet);
      EXPECT_TRUE(result.faults.empty()) << packet.comment();
      all.packets.push_back(std::move(packet));
    }
  }
  all.count = injector.injected();
  return all;
}

TEST(Injector, MalformedPacketPrecedesItsTwinWithIncreasingNumbers) {
  const auto& entry = find_malformed("shreq-hop-limit-254");
  const auto all = injected(pick_one(entry), 2, Injector::Unfit::refuse);
  EXPECT_EQ(all.count, 2U);
  ASSERT_EQ(all.packets.size(), all.valid + 2);
  std::map<std::uint64_t, std::uint64_t> highest;
  for (std::size_t i = 0; i < all.packets.size(); ++i) {
    const auto& packet = all.packets[i];
    if (i > 0) {
      EXPECT_GE(packet.time, all.packets[i - 1].time);
    }
    for (const auto& [kind, spi, sequence] :
         {std::tuple(LayerKind::ah, HeaderField::ah_spi, HeaderField::ah_sequence),
          std::tuple(LayerKind::esp, HeaderField::esp_spi, HeaderField::esp_sequence)}) {
      const auto* layer = packet.find(kind);
      if (layer == nullptr) continue;
      auto& last = highest[*layer->number(spi)];
      EXPECT_GT(*layer->number(sequence), last) << packet.comment();
      last = *layer->number(sequence);
    }
    if (packet.comment() != comment(entry)) continue;
    EXPECT_EQ(message_name(packet), "shreq");
    EXPECT_EQ(packet.find(LayerKind::ipv6)->number(HeaderField::ipv6_hlim), 254U);
    ASSERT_LT(i + 1, all.packets.size());
    const auto& valid = all.packets[i + 1];
    EXPECT_EQ(message_name(valid), "shreq");
    EXPECT_EQ(valid.find(LayerKind::ipv6)->number(HeaderField::ipv6_hlim), std::nullopt);
  }
}

TEST(Injector, ReplayedPacketFollowsTheOriginal) {
  const auto entries = malformed();
  const auto twice = std::ranges::find_if(entries, [](const Malformed& entry) {
    return entry.twice && entry.twin.empty() && entry.message == "shreq";
  });
  ASSERT_NE(twice, entries.end());
  const auto all = injected(pick_one(*twice), 1, Injector::Unfit::refuse);
  ASSERT_EQ(all.packets.size(), all.valid + 1);
  const auto again = std::ranges::find(all.packets, comment(*twice), &PacketDocument::comment);
  ASSERT_NE(again, all.packets.end());
  ASSERT_NE(again, all.packets.begin());
  EXPECT_EQ(message_name(*(again - 1)), "shreq");
  EXPECT_EQ(again->find(LayerKind::ah)->number(HeaderField::ah_sequence),
            (again - 1)->find(LayerKind::ah)->number(HeaderField::ah_sequence));
}

TEST(Injector, EachMobileNodeGetsItsEntry) {
  const auto entries = malformed_of({"shreq", "shrep"});
  const auto handovers = static_cast<std::uint32_t>(entries.size());
  const auto all = injected(pick_each(entries), handovers, Injector::Unfit::refuse);
  EXPECT_EQ(all.count, entries.size());
  std::set<std::string> comments;
  for (const auto& packet : all.packets) comments.insert(packet.comment());
  for (const auto& entry : entries) EXPECT_TRUE(comments.contains(comment(entry))) << entry.name;
}

TEST(Injector, SkipsOrRefusesAFaultThatDoesNotFit) {
  auto entry = find_malformed("shreq-hop-limit-254");
  entry.edit = Edit{Edit::Kind::set, "ip.ttl", "1"};
  const auto pick = pick_one(entry);
  EXPECT_THAT(error_of([&] { injected(pick, 1, Injector::Unfit::refuse); }),
              testing::HasSubstr("ip.ttl"));
  const auto all = injected(pick, 1, Injector::Unfit::skip);
  EXPECT_EQ(all.packets.size(), all.valid);
}

TEST(MalformedScenario, GivesThePacketsOfTheInjector) {
  const auto pick = pick_one(find_malformed("shreq-hop-limit-254"));
  const auto expected = injected(pick, 2, Injector::Unfit::refuse).packets;
  MalformedScenario scenario(find_scenario("reactive"), description(), 2, 1,
                             Injector(description(), pick));
  for (const auto& packet : expected) {
    ASSERT_TRUE(scenario.next());
    EXPECT_EQ(scenario.time(), packet.time);
    EXPECT_EQ(scenario.comment(), packet.comment());
    EXPECT_FALSE(scenario.octets().empty());
  }
  EXPECT_FALSE(scenario.next());
}

TEST(RandomMalformed, SeedAndNumberDetermineThePacket) {
  const auto made = [](std::uint64_t seed, std::uint64_t first, std::uint32_t handovers) {
    std::map<std::string, std::string> octets;  // by comment, which begins with the name
    const auto pick = pick_random(description(), reactive_messages, seed, first);
    for (const auto& packet : injected(pick, handovers, Injector::Unfit::skip).packets) {
      if (packet.comment().find("random:") == std::string::npos) continue;
      auto keys = make_scenario(find_scenario("reactive"), description(), handovers, 1).keys;
      octets[packet.comment()] = to_hex(build(description().codepoints, keys, packet).octets);
    }
    return octets;
  };
  const auto twenty = made(5, 0, 20);
  EXPECT_EQ(made(5, 0, 20), twenty);
  EXPECT_NE(made(6, 0, 20), twenty);
  // Number 7 alone has the same edits, for another mobile node.
  const auto one = made(5, 7, 1);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_TRUE(twenty.contains(one.begin()->first)) << one.begin()->first;
}

}  // namespace
}  // namespace secct::generator::test
