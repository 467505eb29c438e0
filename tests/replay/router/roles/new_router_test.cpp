// SPDX-License-Identifier: GPL-2.0-or-later
// The new router with HI and SHIN, under different policies.
#include <gmock/gmock.h>

#include "generator/document/edit.hpp"
#include "tests/replay/router/new_router_fixture.hpp"

namespace secct::replay {
namespace {

class NewRouterTest : public NewRouterFixture {};

TEST_F(NewRouterTest, ReassemblesFragments) {
  auto packet = handover_.hi();
  const auto whole = datagram(packet);
  const std::size_t half = 40 + (whole.size() - 40) / 16 * 8;
  const auto fragment = [&](std::size_t from, std::size_t to, bool more) {
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
  router_.receive(fragment(half, whole.size(), false), 0);
  EXPECT_TRUE(sent().empty());
  router_.receive(fragment(40, half, true), 1);
  EXPECT_EQ(sent(), Names{"hack"});
}

TEST_F(NewRouterTest, ReportsRefusalsWithTheirClauses) {
  std::vector<std::string> events;
  router_.set_listener([&](const RouterEvent& event) {
    events.push_back(std::string(name(event.outcome)) + " " + std::string(event.clause));
  });
  auto packet = handover_.shin(1);
  set_field(description_.codepoints, packet, "secct.router", "2001:db8:bad::1");
  deliver(packet, 0);
  sent();
  EXPECT_EQ(status(), 106U);
  auto hi = handover_.hi();
  drop_layer(hi, "ah");
  deliver(hi, 1);
  EXPECT_EQ(events, (std::vector<std::string>{"refused RELOC-5.4-106", "discarded FMIP-4.3-2"}));
}

class Stateful : public NewRouterFixture {
 protected:
  static RouterDescription description() {
    auto description = built_in_description();
    description.policies.stateful = true;
    return description;
  }
  Stateful() : NewRouterFixture(description()) {}
};

TEST_F(Stateful, AssignsAddressForHiWithFlagS) {
  auto packet = handover_.hi();
  set_field(description_.codepoints, packet, "secct.flags.s", "true");
  set_field(description_.codepoints, packet, "secct.naddr", "::");
  remove_field(packet, "options#2");
  deliver(packet, 0);
  ASSERT_EQ(sent(), Names{"hack"});
  EXPECT_EQ(last().decoded.number(Field::code), 3U);
  const auto* assigned = last().decoded.find(Field::opt_address);
  ASSERT_NE(assigned, nullptr);
  EXPECT_EQ(last().decoded.address(*assigned), handover_.mobile_node().naddr);
}

class OtherPrefixes : public NewRouterFixture {
 protected:
  static RouterDescription description() {
    auto yaml = built_in_yaml();
    yaml["old_prefix"] = "2001:db8:10:0:5::/80";
    yaml["new_prefix"] = "2001:db8:20::/48";
    yaml["policies"]["stateful"] = true;
    return read_description(yaml, "description");
  }
  OtherPrefixes() : NewRouterFixture(description()) {}
};

// The interface identifier begins after the longer prefix.
TEST_F(OtherPrefixes, AssignsAddressInThePrefix) {
  auto packet = handover_.hi();
  set_field(description_.codepoints, packet, "secct.flags.s", "true");
  set_field(description_.codepoints, packet, "secct.naddr", "::");
  remove_field(packet, "options#2");
  deliver(packet, 0);
  ASSERT_EQ(sent(), Names{"hack"});
  const auto* assigned = last().decoded.find(Field::opt_address);
  ASSERT_NE(assigned, nullptr);
  EXPECT_EQ(last().decoded.address(*assigned), handover_.mobile_node().naddr);
}

class Confidential : public NewRouterFixture {
 protected:
  static RouterDescription description() {
    auto description = built_in_description();
    description.policies.confidential = true;
    return description;
  }
  Confidential() : NewRouterFixture(description()) {}
};

TEST_F(Confidential, DiscardsContextsUnderAhIfConfidentialityIsRequired) {
  deliver(handover_.hi(), 0);
  ASSERT_EQ(sent(), Names{"hack"});  // under ESP
  description_.policies.confidential = false;
  Handover other(description_, Role::nr, 2, 2, counters_);
  const auto built = build(description_.codepoints, other.keyring(), other.hi());
  router_.receive(View(built.octets).subspan(ethernet_octets), 1);
  EXPECT_TRUE(sent().empty());
}

}  // namespace
}  // namespace secct::replay
