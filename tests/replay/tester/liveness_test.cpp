// SPDX-License-Identifier: GPL-2.0-or-later
// tests/replay/router/liveness_test.cpp tests the engine with routers that stop.
#include "replay/tester/liveness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/tester/link.hpp"

namespace secct::replay {
namespace {

using testing::ElementsAre;

void expect_recognized(const RouterDescription& description, std::size_t ip_header_octets) {
  const EchoProbe probe(description, 0xfffe);
  MemoryLink link(description, description.roles);
  link.send(probe.request());
  const auto reply = link.receive(seconds(1));
  ASSERT_TRUE(reply);
  EXPECT_TRUE(probe.is_reply(*parse_datagram(*reply)));
  EXPECT_FALSE(probe.is_reply(*parse_datagram(probe.request())));
  auto other = *reply;
  other[ip_header_octets + 5] ^= 1;  // Identifier
  EXPECT_FALSE(probe.is_reply(*parse_datagram(other)));
}

TEST(EchoProbe, RecognizesTheReplyOfTheRouterToItsRequestOnly) {
  expect_recognized(built_in_description(), ipv6_header_octets);
}

TEST(EchoProbe, UsesIcmpBetweenIpv4Addresses) {
  auto yaml = built_in_yaml();
  yaml["address"] = "192.0.2.1";
  yaml["peer"] = "192.0.2.2";
  constexpr std::size_t ipv4_header_octets = 20;
  expect_recognized(read_description(yaml, "description"), ipv4_header_octets);
}

TEST(UnansweredPackets, SuspectsTheJobsAfterTheLastAnswer) {
  std::deque<Job> jobs(4);
  UnansweredPackets packets;
  for (const auto i : {0U, 1U, 2U, 1U, 3U, 2U}) packets.add(jobs[i]);
  packets.remove_answered(jobs[1]);  // its second packet, and so all before it
  EXPECT_THAT(packets.take_suspects(jobs), ElementsAre(&jobs[3], &jobs[2]));
  EXPECT_TRUE(packets.take_suspects(jobs).empty());
}

TEST(UnansweredPackets, KeepsAllPacketsIfAnotherJobReceivesOne) {
  std::deque<Job> jobs(2);
  UnansweredPackets packets;
  packets.add(jobs[0]);
  packets.remove_answered(jobs[1]);
  EXPECT_THAT(packets.take_suspects(jobs), ElementsAre(&jobs[0]));
}

}  // namespace
}  // namespace secct::replay
