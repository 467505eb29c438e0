// SPDX-License-Identifier: GPL-2.0-or-later
// The Mobile IPv4 foreign agent.
#include <gmock/gmock.h>

#include "generator/document/edit.hpp"
#include "tests/replay/router/router_fixture.hpp"

namespace secct::replay {
namespace {

class ForeignAgentTest : public RouterFixture {
 protected:
  ForeignAgentTest() : RouterFixture(Role::fa) {}

  // Code and status of each Registration Reply that the router sent; status 0: none.
  std::vector<std::pair<int, std::uint64_t>> replies() {
    std::vector<std::pair<int, std::uint64_t>> found;
    for (const auto& octets : router_.take()) {
      const auto parsed = parse_datagram(octets);
      const auto* udp = parsed ? parsed->find(ip_proto::udp) : nullptr;
      if (udp == nullptr) {
        auto& received = received_.emplace_back();
        inspector_.inspect(octets, keys_, received);
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

TEST_F(ForeignAgentTest, TransfersSasAndRepliesWithStatus) {
  deliver(handover_.mip4_request(), 0);
  EXPECT_TRUE(replies().empty());
  ASSERT_EQ(received_.size(), 1U);
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
  deliver(reply, milliseconds(1));
  EXPECT_EQ(replies(), (Replies{{0, 200}}));
  deliver(handover_.mip4_request(), milliseconds(2));  // the mobile node asks again
  EXPECT_EQ(replies(), (Replies{{0, 200}}));
}

TEST_F(ForeignAgentTest, RepliesWithStatus106WithoutAnswer) {
  deliver(handover_.mip4_request(), 0);
  replies();
  for (unsigned i = 1; i <= 3; ++i) router_.advance(seconds(i));
  EXPECT_TRUE(replies().empty());
  router_.advance(seconds(4));
  EXPECT_EQ(replies(), (Replies{{0, 106}}));
}

TEST_F(ForeignAgentTest, RepliesWithCode70ToMalformedExtension) {
  auto packet = handover_.mip4_request();
  set_field(description_.codepoints, packet, "secct.mip4.length", "200");
  deliver(packet, 0);
  EXPECT_EQ(replies(), (Replies{{70, 0}}));
}

TEST_F(ForeignAgentTest, GrantsRequestWithoutExtension) {
  auto packet = handover_.mip4_request();
  packet.layers.back().elements.pop_back();
  deliver(packet, 0);
  EXPECT_EQ(replies(), (Replies{{0, 0}}));
}

}  // namespace
}  // namespace secct::replay
