// SPDX-License-Identifier: GPL-2.0-or-later
// The check of the set-up against embedded routers with the same description, with another one, and
// with faults.
#include "replay/tester/setup_check.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/transmit/port.hpp"
#include "network/datagram.hpp"

namespace secct::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::uint32_t mobile_nodes[] = {7, 70, 700};
constexpr Role all_roles[] = {Role::nr, Role::pr, Role::fa};

std::string problem_text(const SetupProblem& problem) { return problem.path + ": " + problem.text; }

// A router and a tester with different descriptions.
class Pair {
 public:
  explicit Pair(RouterDescription router, BehaviourOverride behaviour = {})
      : router_(std::move(router)), link_(router_, all_roles, behaviour) {}

  // The path and text of the problem; empty if there is none.
  std::string check(Role role, const RouterDescription& description,
                    std::span<const std::uint32_t> numbers = mobile_nodes) {
    SetupCheck check(description, link_, counters_, identifier_);
    std::string text;
    if (const auto problem = check.check(role, numbers)) text = problem_text(*problem);
    used_ = check.used();
    notes_ = check.notes();
    response_time_ = check.response_time();
    return text;
  }

  MemoryLink& link() { return link_; }
  Counters& counters() { return counters_; }
  std::uint16_t& identifier() { return identifier_; }
  const std::vector<std::uint32_t>& used() const { return used_; }
  const std::vector<std::string>& notes() const { return notes_; }
  Time response_time() const { return response_time_; }

 private:
  RouterDescription router_;
  MemoryLink link_;
  Counters counters_;
  std::uint16_t identifier_ = 0;
  std::vector<std::uint32_t> used_;
  std::vector<std::string> notes_;
  Time response_time_ = 0;
};

TEST(SetupCheck, FindsNothingIfTheDescriptionsAreEqual) {
  auto confidential = built_in_description();
  confidential.policies.confidential = true;
  auto stateful = built_in_description();
  stateful.policies.stateful = true;
  auto slow = built_in_description();
  slow.timing_scale = 20;
  for (const auto& description : {built_in_description(), confidential, stateful, slow}) {
    for (const auto role : all_roles) {
      Pair pair(description);
      EXPECT_EQ(pair.check(role, description), "");
      EXPECT_THAT(pair.used(), IsEmpty());
      EXPECT_THAT(pair.notes(), IsEmpty());
      EXPECT_GT(pair.response_time(), 0U);
    }
  }
}

// A change of the tester's description, and the path that must be named.
struct Change {
  Role role;
  const char* path;
  std::function<void(RouterDescription&)> apply;
};

std::ostream& operator<<(std::ostream& out, const Change& change) {
  return out << role_name(change.role) << ' ' << change.path;
}

RouterSa& sa_of(RouterDescription& description, IpsecProtocol protocol, bool from_dut) {
  for (auto& sa : description.router_sas) {
    if (sa.sa.protocol == protocol && sa.from_dut == from_dut) return sa;
  }
  throw std::logic_error("no such SA");
}

template <IpsecProtocol protocol, bool from_dut>
void other_spi(RouterDescription& description) {
  sa_of(description, protocol, from_dut).sa.spi ^= 0x100;
}
template <IpsecProtocol protocol, bool from_dut>
void other_key(RouterDescription& description) {
  sa_of(description, protocol, from_dut).sa.auth_key[3] ^= 1;
}

void confidential(RouterDescription& description) { description.policies.confidential = true; }

constexpr auto ah = IpsecProtocol::ah;
constexpr auto esp = IpsecProtocol::esp;

class WrongLine : public testing::TestWithParam<Change> {};

TEST_P(WrongLine, IsNamed) {
  const auto& change = GetParam();
  auto router = built_in_description();
  auto tester = router;
  change.apply(tester);
  router.policies = tester.policies;
  Pair pair(router);
  EXPECT_THAT(pair.check(change.role, tester), StartsWith(change.path + std::string(": ")));
}

INSTANTIATE_TEST_SUITE_P(
    OfTheDescription, WrongLine,
    testing::Values(Change{Role::pr, "router_sas[0]", other_spi<ah, false>},
                    Change{Role::pr, "router_sas[0]", other_key<ah, false>},
                    Change{Role::nr, "router_sas[0]", other_spi<ah, false>},
                    Change{Role::nr, "router_sas[0]", other_key<ah, false>},
                    Change{Role::pr, "router_sas[1].spi", other_spi<ah, true>},
                    Change{Role::pr, "router_sas[1].key", other_key<ah, true>},
                    Change{Role::nr, "router_sas[1].spi", other_spi<ah, true>},
                    Change{Role::nr, "router_sas[1].key", other_key<ah, true>},
                    Change{Role::fa, "router_sas[1].spi", other_spi<ah, true>},
                    Change{Role::fa, "router_sas[1].key", other_key<ah, true>},
                    Change{Role::nr, "router_sas[2]", other_spi<esp, false>},
                    Change{Role::nr, "router_sas[2]", other_key<esp, false>},
                    Change{Role::nr, "router_sas[2]",
                           [](auto& d) {
                             confidential(d);
                             other_spi<esp, false>(d);
                           }},
                    Change{Role::pr, "router_sas[3].spi",
                           [](auto& d) {
                             confidential(d);
                             other_spi<esp, true>(d);
                           }},
                    Change{Role::pr, "router_sas[3].key",
                           [](auto& d) {
                             confidential(d);
                             other_key<esp, true>(d);
                           }},
                    Change{Role::pr, "mobile_nodes.token_key",
                           [](auto& d) { d.token_key[0] ^= 1; }},
                    Change{Role::pr, "mobile_nodes.sa_key", [](auto& d) { d.sa_key[0] ^= 1; }},
                    Change{Role::pr, "mobile_nodes.sas[2].spi_base",
                           [](auto& d) { d.sas[2].spi_base ^= 0x1000000; }},
                    Change{Role::pr, "old_prefix", [](auto& d) { d.old_prefix.address[7] ^= 1; }},
                    Change{Role::fa, "ipv4.address", [](auto& d) { d.ipv4_address[15] ^= 0x40; }},
                    Change{Role::nr, "new_prefix", [](auto& d) {
                             d.address[15] ^= 0x40;
                             d.mn_address = d.address;
                           }}));

TEST(SetupCheck, NamesTheAddressThatTheRouterDoesNotKnowAsItsPeer) {
  auto tester = built_in_description();
  tester.peer[15] ^= 0x40;
  for (auto& sa : tester.router_sas) {
    (sa.from_dut ? sa.sa.destination : sa.sa.source) = tester.peer;
  }
  Pair pair(built_in_description());
  EXPECT_THAT(pair.check(Role::nr, tester), StartsWith("peer: "));
  EXPECT_THAT(pair.check(Role::pr, tester), HasSubstr("`peer`"));
}

// Otherwise a faulty router would get an error of the set-up instead of its verdicts.
TEST(SetupCheck, TakesNoFaultOrVariationOfARouterForAWrongSetup) {
  const auto description = built_in_description();
  std::vector<BehaviourOverride> all;
  for (const auto& row : faults()) all.emplace_back(row.id);
  for (const auto& row : variations()) all.emplace_back(row.id);
  for (const auto& behaviour : all) {
    const std::string name(behaviour.variation == Variation::none ? row(behaviour.fault).name
                                                                  : "a variation");
    for (const auto role : all_roles) {
      Pair pair(description, behaviour);
      EXPECT_EQ(pair.check(role, description), "") << name;
      EXPECT_THAT(pair.used(), IsEmpty()) << name;
    }
  }
}

TEST(SetupCheck, FindsMobileNodesThatWereUsedBefore) {
  const auto description = built_in_description();
  Pair pair(description);
  EXPECT_EQ(pair.check(Role::pr, description), "");
  EXPECT_EQ(pair.check(Role::pr, description), "");
  EXPECT_THAT(pair.used(), ElementsAre(7, 70, 700));
  pair.link().receive(pair.link().now() + seconds(10));  // CONTEXT_PURGE_TIME
  EXPECT_EQ(pair.check(Role::pr, description), "");
  EXPECT_THAT(pair.used(), ElementsAre(7, 70, 700));
  EXPECT_EQ(pair.check(Role::nr, description), "");
  EXPECT_THAT(pair.used(), IsEmpty());
}

TEST(SetupCheck, ContinuesAfterTheSequenceNumbersOfAnEarlierRun) {
  const auto description = built_in_description();
  for (const auto role : {Role::nr, Role::pr}) {
    for (const std::uint32_t used : {100U, 100000U, 100000000U}) {
      Pair pair(description);
      pair.counters().set(IpsecProtocol::ah, 0x1001, used);
      pair.counters().set(IpsecProtocol::esp, 0x2001, used);
      EXPECT_EQ(pair.check(role, description), "");
      pair.counters().set(IpsecProtocol::ah, 0x1001, 1);
      pair.counters().set(IpsecProtocol::esp, 0x2001, 1);
      const std::uint32_t others[] = {8, 80, 800};
      EXPECT_EQ(pair.check(role, description, others), "") << used;
      ASSERT_FALSE(pair.notes().empty());
      EXPECT_THAT(pair.notes()[0], HasSubstr("router_sas[0]: the router has received"));
      const auto next = pair.counters().next(IpsecProtocol::ah, 0x1001);
      EXPECT_GT(next, used);
      EXPECT_LT(next, used + used / 8 + 10000);
    }
  }
}

TEST(SetupCheck, FindsUsedMobileNodesWithoutUsingTheOthers) {
  const auto description = built_in_description();
  Pair pair(description);
  EXPECT_EQ(pair.check(Role::pr, description), "");
  const std::uint32_t numbers[] = {5, 6, 7, 8, 70, 71};
  for (int i = 0; i < 2; ++i) {
    SetupCheck check(description, pair.link(), pair.counters(), pair.identifier());
    check.find_used(numbers);
    EXPECT_THAT(check.used(), ElementsAre(7, 70));
    pair.link().receive(pair.link().now() + seconds(20));
  }
  const std::uint32_t unused[] = {5, 6, 8};
  EXPECT_EQ(pair.check(Role::pr, description, unused), "");
  EXPECT_THAT(pair.used(), IsEmpty());
}

// Drops packets whose first header after the IP header is `protocol`.
template <std::uint8_t protocol>
class FirewallLink : public MemoryLink {
 public:
  using MemoryLink::MemoryLink;
  void send(Octets datagram) override {
    if (datagram[6] != protocol) MemoryLink::send(std::move(datagram));
  }
};

template <std::uint8_t protocol>
std::string firewall_problem(Role role) {
  const auto description = built_in_description();
  FirewallLink<protocol> link(description, all_roles);
  Counters counters;
  std::uint16_t identifier = 0;
  const auto problem =
      SetupCheck(description, link, counters, identifier).check(role, mobile_nodes);
  return problem ? problem_text(*problem) : "";
}

TEST(SetupCheck, FindsThatAFirewallDropsAProtocol) {
  EXPECT_THAT(firewall_problem<ip_proto::ah>(Role::pr), HasSubstr("drop AH (IP protocol 51)"));
  EXPECT_THAT(firewall_problem<ip_proto::ah>(Role::nr), HasSubstr("drop AH (IP protocol 51)"));
  EXPECT_THAT(firewall_problem<ip_proto::esp>(Role::nr), HasSubstr("drop ESP (IP protocol 50)"));
  EXPECT_THAT(firewall_problem<ip_proto::dstopts>(Role::nr),
              HasSubstr("drops Destination Options (IP protocol 60)"));
}

// Drops packets of more octets than its MTU.
class NarrowLink : public MemoryLink {
 public:
  using MemoryLink::MemoryLink;
  void send(Octets datagram) override {
    if (datagram.size() <= 1400) MemoryLink::send(std::move(datagram));
  }
};

class SmallInterfaceLink : public MemoryLink {
 public:
  using MemoryLink::MemoryLink;
  std::uint32_t mtu() const override { return 1400; }
};

template <typename LinkType>
std::string mtu_problem(const RouterDescription& description) {
  LinkType link(description, all_roles);
  Counters counters;
  std::uint16_t identifier = 0;
  const auto problem = SetupCheck(description, link, counters, identifier).check_mtu();
  return problem ? problem_text(*problem) : "";
}

TEST(SetupCheck, FindsThatLargeDatagramsDoNotArrive) {
  auto description = built_in_description();
  EXPECT_EQ(mtu_problem<MemoryLink>(description), "");
  EXPECT_THAT(mtu_problem<NarrowLink>(description),
              HasSubstr("mtu: the router answers an echo request of 64 octets, but none of 1500"));
  EXPECT_THAT(
      mtu_problem<SmallInterfaceLink>(description),
      HasSubstr("mtu: the description says 1500, but the interface of the tester has 1400"));
  description.mtu = 1400;
  EXPECT_EQ(mtu_problem<NarrowLink>(description), "");
  EXPECT_EQ(mtu_problem<SmallInterfaceLink>(description), "");
  description.mtu = 1500;
  description.liveness_echo = false;
  EXPECT_EQ(mtu_problem<NarrowLink>(description), "");
}

// A router that is not in its initial state.
class UsedLink : public MemoryLink {
 public:
  using MemoryLink::MemoryLink;
  bool is_fresh() const override { return false; }
};

TEST(RunSetupCheck, ChoosesOtherMobileNodesIfTheFirstOnesWereUsed) {
  auto description = built_in_description();
  description.mobile_node_count = 40;
  UsedLink link(description, all_roles);
  Counters counters;
  std::uint16_t identifier = 0;
  std::vector<std::string> notes;
  SetupOptions options{{Role::pr}};
  options.note = [&](const std::string& sentence) { notes.push_back(sentence); };
  bool failed = false;
  std::size_t runs = 0;
  // Each run uses three mobile nodes. The last ones find none.
  for (; runs < 40 && !failed; ++runs) {
    MobileNodePool pool;
    pool.reserve({1, 40}, Role::pr, 1);
    SetupCheck check(description, link, counters, identifier);
    try {
      start_mobile_nodes(pool, link, options);
      run_setup_check(check, pool, link, options);
    } catch (const SetupError& error) {
      failed = true;
      const std::string text = error.what();
      EXPECT_TRUE(text.find("an earlier run has used mobile node") != std::string::npos ||
                  text.find("all mobile nodes were used by earlier runs") != std::string::npos)
          << text;
    }
  }
  EXPECT_TRUE(failed);
  EXPECT_GT(runs, 2U);
  EXPECT_FALSE(notes.empty());
}

TEST(RunSetupCheck, NamesPlaceAndCircumstances) {
  const auto router = built_in_description();
  auto tester = router;
  tester.token_key[0] ^= 1;
  MemoryLink link(router, all_roles);
  Counters counters;
  std::uint16_t identifier = 0;
  MobileNodePool pool;
  pool.reserve({1, 40}, Role::pr, 1);
  SetupOptions options{{Role::nr, Role::pr}};
  options.locate = [](const std::string& path) { return "dut.yaml:3: " + path; };
  options.circumstances = " after hooks.configure";
  start_mobile_nodes(pool, link, options);
  SetupCheck check(tester, link, counters, identifier);
  try {
    run_setup_check(check, pool, link, options);
    ADD_FAILURE() << "no error";
  } catch (const SetupError& error) {
    EXPECT_THAT(error.what(), StartsWith("SETUP: dut.yaml:3: mobile_nodes.token_key: the router "));
    EXPECT_THAT(error.what(), HasSubstr(" after hooks.configure"));
  }
}

}  // namespace
}  // namespace secct::replay
