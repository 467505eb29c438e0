// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of the reference router that the built-in cases do not reach: initiated handovers, the
// foreign agent, limits, traffic, lifetimes.
#include <gmock/gmock.h>

#include "generator/document/edit.hpp"
#include "tests/replay/router/router_fixture.hpp"

namespace secct::replay {
namespace {

class Initiating : public RouterFixture {
 protected:
  Initiating() : RouterFixture(Role::pr) {}
  std::uint64_t number(Field field) const { return last().decoded.number(field).value_or(999); }
};

TEST_F(Initiating, PShinBringsHiWithUShrepUntilHack) {
  give(handover_.pshin(), 0);
  ASSERT_EQ(sent(), Names{"hi"});
  EXPECT_EQ(number(Field::auth_replay), 0U);
  EXPECT_EQ(number(Field::auth_status), 999U);
  const auto first = Octets(last().decoded.octets.begin(), last().decoded.octets.end());
  give(handover_.pshin(), milliseconds(10));
  EXPECT_TRUE(sent().empty());  // the HI is out
  for (unsigned i = 1; i <= 4; ++i) {
    router_.advance(milliseconds(100) * i);
    ASSERT_EQ(sent(), Names{"hi"}) << i;
    EXPECT_TRUE(std::ranges::equal(first, last().decoded.octets));
  }
  router_.advance(milliseconds(600));
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(router_.statistics()[Count::given_up], 1U);
  EXPECT_EQ(router_.deadline(), std::nullopt);
}

TEST_F(Initiating, HackEndsIt) {
  give(handover_.pshin(), 0);
  ASSERT_EQ(sent(), Names{"hi"});
  handover_.set_reply_identifier(static_cast<std::uint16_t>(number(Field::identifier)));
  give(handover_.hack(), milliseconds(20));
  router_.advance(seconds(1));
  EXPECT_TRUE(sent().empty());
}

TEST_F(Initiating, TheUShrepShowsWhereTheWindowStands) {
  give(handover_.pshin(), 0);
  ASSERT_EQ(sent(), Names{"hi"});
  std::vector<std::uint64_t> sequences;
  for (const auto& item : last().decoded.fields) {
    if (item.field == Field::sa_sequence) sequences.push_back(item.number);
  }
  // The second SA is the one that the P-SHIN came under, one number further.
  EXPECT_EQ(sequences, (std::vector<std::uint64_t>{100, 201, 300, 400}));
}

TEST_F(Initiating, APShinWithoutAhIsDiscarded) {
  auto packet = handover_.pshin();
  drop_layer(packet, "ah");
  give(packet, 0);
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(router_.statistics()[Count::discarded], 1U);
}

TEST_F(Initiating, ATriggerAsksForAnAddress) {
  EXPECT_FALSE(router_.trigger(0, 0));
  EXPECT_FALSE(router_.trigger(description_.mobile_node_count + 1, 0));
  EXPECT_TRUE(router_.trigger(1, 0));
  ASSERT_EQ(sent(), Names{"hi"});
  EXPECT_EQ(number(Field::flag_s), 1U);
  EXPECT_EQ(last().decoded.address(*last().decoded.find(Field::naddr)), Address{});
}

TEST_F(Initiating, AnotherNaddrThanTheHisIs104WhileItIsOut) {
  give(handover_.pshin(), 0);
  sent();
  auto packet = handover_.shreq(1);
  set_field(description_.codepoints, packet, "secct.naddr", "2001:db8:20::77");
  give(packet, milliseconds(1));
  ASSERT_EQ(sent(), Names{"shrep"});
  EXPECT_EQ(status(), 104U);
}

TEST_F(Initiating, ResetForgetsWhatWasUsedUp) {
  give(handover_.shreq(1), 0);
  sent();
  EXPECT_EQ(status(), 200U);
  give(handover_.shreq(2), seconds(20));
  sent();
  EXPECT_EQ(status(), 104U);  // purged
  router_.reset();
  give(handover_.shreq(3), seconds(21));
  sent();
  EXPECT_EQ(status(), 200U);
}

// --- new router
class Taking : public RouterFixture {
 protected:
  explicit Taking(RouterDescription description = built_in_description(), Limits limits = {})
      : RouterFixture(Role::nr, std::move(description), limits) {}

  void transfer(Time now = 0) {
    give(handover_.shin(1), now);
    ASSERT_EQ(sent(), Names{"shreq"});
    handover_.set_reply_identifier(
        static_cast<std::uint16_t>(*last().decoded.number(Field::identifier)));
    give(handover_.shrep(), now + milliseconds(1));
    ASSERT_EQ(sent(), (Names{"shrep-ack", "shak"}));
  }

  // Under the mobile node's second SA, AH towards the router.
  PacketDocument under_ah(std::uint32_t sequence, std::vector<Layer> upper) {
    const auto& mn = handover_.mobile_node();
    std::vector<Layer> layers{ah_layer(mn.sas[1].context.spi, sequence)};
    for (auto& layer : upper) layers.push_back(std::move(layer));
    return ip_packet(mn.naddr, description_.mn_address, std::move(layers));
  }
  static Layer data(Octets octets) {
    Layer layer{.kind = LayerKind::data, .fields = {}, .elements = {}};
    layer.set(HeaderField::data_octets, std::move(octets));
    return layer;
  }
  static std::vector<Layer> udp(std::uint16_t port) {
    Layer layer{.kind = LayerKind::udp, .fields = {}, .elements = {}};
    layer.set(HeaderField::udp_srcport, std::uint64_t{4000});
    layer.set(HeaderField::udp_dstport, std::uint64_t{port});
    return {std::move(layer), data({1, 2, 3})};
  }
};

TEST_F(Taking, UdpIsEchoedUnderTheSaOfTheOtherDirection) {
  transfer();
  give(under_ah(201, udp(7)), milliseconds(5));
  ASSERT_EQ(sent().size(), 1U);
  ASSERT_EQ(last().under.size(), 1U);
  EXPECT_EQ(last().under[0].spi, handover_.mobile_node().sas[0].context.spi);
  ASSERT_NE(last().datagram->find(ip_proto::udp), nullptr);
  const auto back = last().datagram->octets_of(*last().datagram->find(ip_proto::udp));
  EXPECT_EQ(big_endian(back.subspan(2, 2)), 4000U);
  EXPECT_EQ(Octets(back.begin() + 8, back.end()), (Octets{1, 2, 3}));
}

TEST_F(Taking, AnotherPortIsUnreachable) {
  transfer();
  give(under_ah(201, udp(9)), milliseconds(5));
  ASSERT_EQ(sent().size(), 1U);
  const auto* icmpv6 = last().datagram->find(ip_proto::icmpv6);
  ASSERT_NE(icmpv6, nullptr);
  EXPECT_EQ(last().octets[icmpv6->offset], 1);
  EXPECT_EQ(last().octets[icmpv6->offset + 1], 4);
  EXPECT_FALSE(last().under.empty());
}

TEST_F(Taking, WhatThePreviousRouterAcceptedIsAReplay) {
  transfer();
  for (const std::uint32_t sequence : {200U, 150U, 137U}) {
    give(under_ah(sequence, udp(7)), milliseconds(5));
    EXPECT_TRUE(sent().empty()) << sequence;
  }
  EXPECT_EQ(router_.statistics()[Count::ipsec_refused], 3U);
  give(under_ah(201, udp(7)), milliseconds(6));
  EXPECT_EQ(sent().size(), 1U);
  give(under_ah(201, udp(7)), milliseconds(7));
  EXPECT_TRUE(sent().empty());
}

TEST_F(Taking, AnSaIsOverWithItsLifetime) {
  transfer();
  EXPECT_EQ(router_.mobile_nodes(), 1U);
  give(under_ah(201, udp(7)), seconds(3599));
  EXPECT_EQ(sent().size(), 1U);
  give(under_ah(202, udp(7)), seconds(3602));
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(router_.mobile_nodes(), 0U);
  EXPECT_EQ(router_.statistics()[Count::expired], 1U);
  EXPECT_EQ(router_.deadline(), std::nullopt);
}

TEST_F(Taking, FragmentsArePutTogether) {
  auto packet = handover_.hi();
  const auto whole = datagram(packet);
  const std::size_t half = 40 + (whole.size() - 40) / 16 * 8;
  const auto piece = [&](std::size_t from, std::size_t to, bool more) {
    Octets octets(whole.begin(), whole.begin() + 40);
    octets.push_back(octets[6]);
    octets[6] = ip_proto::fragment;
    octets.push_back(0);
    append_number(octets, (from - 40) | (more ? 1U : 0U), 2);
    append_number(octets, 77, 4);
    append(octets, View(whole).subspan(from, to - from));
    octets[4] = static_cast<std::uint8_t>((octets.size() - 40) >> 8);
    octets[5] = static_cast<std::uint8_t>(octets.size() - 40);
    return octets;
  };
  router_.receive(piece(half, whole.size(), false), 0);
  EXPECT_TRUE(sent().empty());
  router_.receive(piece(40, half, true), 1);
  EXPECT_EQ(sent(), Names{"hack"});
}

TEST_F(Taking, TellsWhatItRefusesAndWhy) {
  std::vector<std::string> told;
  router_.set_listener([&](const RouterEvent& event) {
    told.push_back(std::string(name(event.outcome)) + " " + std::string(event.clause));
  });
  auto packet = handover_.shin(1);
  set_field(description_.codepoints, packet, "secct.router", "2001:db8:bad::1");
  give(packet, 0);
  sent();
  EXPECT_EQ(status(), 106U);
  auto hi = handover_.hi();
  drop_layer(hi, "ah");
  give(hi, 1);
  EXPECT_EQ(told, (std::vector<std::string>{"refused RELOC-5.4-106", "discarded FMIP-4.3-2"}));
}

class Full : public Taking {
 protected:
  static Limits none() {
    Limits limits;
    limits.kept_contexts = 0;
    limits.pending_requests = 0;
    return limits;
  }
  Full() : Taking(built_in_description(), none()) {}
};

TEST_F(Full, NoRoomForAUShrepIsCode130) {
  give(handover_.hi(), 0);
  ASSERT_EQ(sent(), Names{"hack"});
  EXPECT_EQ(last().decoded.number(Field::code), 130U);
  EXPECT_EQ(last().decoded.find(Field::all_received), nullptr);
  EXPECT_EQ(router_.statistics()[Count::kept_full], 1U);
}

TEST_F(Full, NoRoomForARequestIsStatus106) {
  give(handover_.shin(1), 0);
  ASSERT_EQ(sent(), Names{"shak"});
  EXPECT_EQ(status(), 106U);
  EXPECT_EQ(router_.statistics()[Count::pending_full], 1U);
}

class OneRequest : public Taking {
 protected:
  static Limits one() {
    Limits limits;
    limits.pending_requests = 1;
    return limits;
  }
  OneRequest() : Taking(built_in_description(), one()) {}

  Handover second_{description_, Role::nr, 2, 2, counters_};
};

TEST_F(OneRequest, AnUnansweredOneKeepsItsRoom) {
  give(handover_.shin(1), 0);
  ASSERT_EQ(sent(), Names{"shreq"});
  give(second_.shin(1), milliseconds(1));
  ASSERT_EQ(sent(), Names{"shak"});
  EXPECT_EQ(status(), 106U);
}

TEST_F(OneRequest, AnAnsweredOneGivesWay) {
  transfer();
  give(second_.shin(1), milliseconds(5));
  EXPECT_EQ(sent(), Names{"shreq"});
  EXPECT_EQ(router_.statistics()[Count::continuations_full], 1U);
  EXPECT_EQ(router_.mobile_nodes(), 1U);  // its SAs stay
  give(handover_.shrep(), milliseconds(6));
  EXPECT_TRUE(sent().empty());
}

class FewMobileNodes : public Taking {
 protected:
  static Limits few() {
    Limits limits;
    limits.mobile_nodes = 0;
    return limits;
  }
  FewMobileNodes() : Taking(built_in_description(), few()) {}
};

TEST_F(FewMobileNodes, NoRoomForItsSasIsStatus106) {
  transfer();
  EXPECT_EQ(status(), 106U);
  EXPECT_EQ(router_.mobile_nodes(), 0U);
}

class Stateful : public Taking {
 protected:
  static RouterDescription description() {
    auto description = built_in_description();
    description.policies.stateful = true;
    return description;
  }
  Stateful() : Taking(description()) {}
};

TEST_F(Stateful, AssignsAnAddress) {
  auto packet = handover_.hi();
  set_field(description_.codepoints, packet, "secct.flags.s", "true");
  set_field(description_.codepoints, packet, "secct.naddr", "::");
  remove_field(packet, "options#2");
  give(packet, 0);
  ASSERT_EQ(sent(), Names{"hack"});
  EXPECT_EQ(last().decoded.number(Field::code), 3U);
  const auto* assigned = last().decoded.find(Field::opt_address);
  ASSERT_NE(assigned, nullptr);
  EXPECT_EQ(last().decoded.address(*assigned), handover_.mobile_node().naddr);
}

class Confidential : public Taking {
 protected:
  static RouterDescription description() {
    auto description = built_in_description();
    description.policies.confidential = true;
    return description;
  }
  Confidential() : Taking(description()) {}
};

TEST_F(Confidential, ContextsUnderAhAreNotUsed) {
  give(handover_.hi(), 0);
  ASSERT_EQ(sent(), Names{"hack"});  // the tester took ESP
  description_.policies.confidential = false;
  Handover other(description_, Role::nr, 2, 2, counters_);
  const auto built = build(description_.codepoints, other.keyring(), other.hi());
  router_.receive(View(built.octets).subspan(ethernet_octets), 1);
  EXPECT_TRUE(sent().empty());
}

// --- foreign agent
class Agent : public RouterFixture {
 protected:
  Agent() : RouterFixture(Role::fa) {}

  // What the router sent as Registration Replies: code and status.
  std::vector<std::pair<int, std::uint64_t>> replies() {
    std::vector<std::pair<int, std::uint64_t>> found;
    for (const auto& octets : router_.take()) {
      const auto parsed = parse_datagram(octets);
      const auto* udp = parsed ? parsed->find(ip_proto::udp) : nullptr;
      if (udp == nullptr) {
        auto& seen = seen_.emplace_back();
        observer_.observe(octets, keys_, seen);
        continue;
      }
      const auto reply = parsed->octets_of(*udp).subspan(8);
      EXPECT_EQ(reply[0], 3);
      std::uint64_t code = 0;
      if (reply.size() > 20 && reply[20] == description_.codepoints[CodePoint::mip4ext_secct]) {
        code = reply[25];
      }
      found.emplace_back(reply[1], code);
    }
    return found;
  }
};
using Replies = std::vector<std::pair<int, std::uint64_t>>;

TEST_F(Agent, FetchesTheSasAndRepliesWithTheStatus) {
  give(handover_.mip4_request(), 0);
  EXPECT_TRUE(replies().empty());
  ASSERT_EQ(seen_.size(), 1U);
  ASSERT_EQ(last().name(), "shreq");
  EXPECT_TRUE(is_v4_mapped(last().decoded.address(*last().decoded.find(Field::naddr))));
  auto reply = handover_.shrep();
  const auto& shreq = last().decoded;
  set_field(description_.codepoints, reply, "secct.identifier",
            std::to_string(*shreq.number(Field::identifier)));
  for (const auto* name : {"secct.naddr", "secct.paddr"}) {
    set_field(description_.codepoints, reply, name,
              to_text(shreq.address(*shreq.find(*find_field(name)))));
  }
  give(reply, milliseconds(1));
  EXPECT_EQ(replies(), (Replies{{0, 200}}));
  give(handover_.mip4_request(), milliseconds(2));  // the mobile node asks again
  EXPECT_EQ(replies(), (Replies{{0, 200}}));
}

TEST_F(Agent, GivesUpWithStatus106) {
  give(handover_.mip4_request(), 0);
  replies();
  for (unsigned i = 1; i <= 3; ++i) router_.advance(seconds(i));
  EXPECT_TRUE(replies().empty());
  router_.advance(seconds(4));
  EXPECT_EQ(replies(), (Replies{{0, 106}}));
}

TEST_F(Agent, APoorlyFormedExtensionIsCode70) {
  auto packet = handover_.mip4_request();
  set_field(description_.codepoints, packet, "secct.mip4.length", "200");
  give(packet, 0);
  EXPECT_EQ(replies(), (Replies{{70, 0}}));
}

TEST_F(Agent, ARequestWithoutTheExtensionIsGranted) {
  auto packet = handover_.mip4_request();
  packet.layers.back().elements.pop_back();
  give(packet, 0);
  EXPECT_EQ(replies(), (Replies{{0, 0}}));
}

}  // namespace
}  // namespace secct::replay
