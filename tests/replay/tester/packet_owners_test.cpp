// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/packet_owners.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace secct::replay
