// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/packet_owners.hpp"

#include <gtest/gtest.h>

#include "generator/packet/build.hpp"

namespace secct::replay {
namespace {

TEST(PacketOwners, FindJobsByTheAddressesOfTheirMobileNodes) {
  const auto description = built_in_description();
  Counters counters;
  const Handover first(description, Role::nr, 1, 1, counters);
  const Handover second(description, Role::nr, 2, 2, counters);
  std::deque<Job> jobs(2);
  PacketOwners owners;
  owners.add(first, jobs[0]);
  owners.add(second, jobs[1]);
  EXPECT_EQ(owners.find(first.mobile_node().naddr), &jobs[0]);
  EXPECT_EQ(owners.find(second.mobile_node().paddr), &jobs[1]);
  EXPECT_EQ(owners.find(second.link_local()), &jobs[1]);
  EXPECT_EQ(owners.find(description.naddr_of(3)), std::nullopt);
  owners.remove(first);
  EXPECT_EQ(owners.find(first.mobile_node().naddr), std::optional<Job*>(nullptr));
}

// A SHREQ for this mobile node.
std::unique_ptr<ReceivedPacket> shreq_for(const RouterDescription& description,
                                          std::uint32_t mobile_node) {
  Counters counters;
  Handover handover(description, Role::nr, mobile_node, 9, counters);
  const auto built = build(description.codepoints, handover.keyring(), handover.shreq());
  auto packet = std::make_unique<ReceivedPacket>();
  PacketInspector(description.codepoints)
      .inspect(View(built.octets).subspan(ethernet_octets), handover.keyring(), *packet);
  return packet;
}

TEST(PacketOwners, GiveNoJobPacketsForMobileNodesOfAnEarlierRun) {
  const auto description = built_in_description();
  const auto cases = read_suite(
      "cases:\n  - id: T/one\n    title: t\n    role: nr\n    clauses: [RELOC-5.2-2]\n"
      "    steps: [{send: shin}, {expect: shreq}]\n",
      "t.yaml");
  Counters counters;
  std::deque<Job> jobs(1);
  jobs[0].run = std::make_unique<CaseRun>(
      cases[0], false, Handover(description, Role::nr, 1, 1, counters), RunTiming{},
      RouterAccess{[](Octets) {}, {}, [] { return std::uint16_t{2}; }});
  jobs[0].run->start(0);
  // A message for another mobile node belongs to the only job that waits for one, unless an earlier
  // run may have used the mobile node.
  const auto packet = shreq_for(description, 3);
  for (const bool reused : {false, true}) {
    PacketOwners owners(reused ? &description : nullptr);
    owners.add(jobs[0].run->handover(), jobs[0]);
    EXPECT_EQ(owners.find(*packet, jobs), reused ? nullptr : &jobs[0]);
    EXPECT_EQ(owners.find(*shreq_for(description, 1), jobs), &jobs[0]);
  }
}

}  // namespace
}  // namespace secct::replay
