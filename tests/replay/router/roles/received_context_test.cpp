// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/received_context.hpp"

#include <gmock/gmock.h>

#include "generator/document/edit.hpp"
#include "protocol/tables/spt.hpp"
#include "protocol/tables/status.hpp"
#include "tests/replay/router/router_fixture.hpp"

namespace secct::replay {
namespace {

using F = Field;
using testing::ElementsAre;

class ReceivedContextTest : public RouterFixture {
 protected:
  Context context(std::size_t index) const { return handover_.mobile_node().sas[index].context; }

  // The statuses of a SHREP with these contexts.
  std::vector<int> statuses(const std::vector<Context>& contexts) {
    return statuses(handover_.shrep(contexts));
  }
  std::vector<int> statuses(const PacketDocument& shrep) {
    std::vector<int> list;
    for (const auto& received : read_received(core_, decoded(shrep))) {
      EXPECT_TRUE(received.context || received.status != status::ok);
      list.push_back(received.status);
    }
    return list;
  }
  // The status of the second of three contexts; the others must be good.
  int status_of(const Context& second) {
    const auto list = statuses({context(0), second, context(1)});
    EXPECT_EQ(list.size(), 3U);
    if (list.size() != 3) return 0;
    EXPECT_EQ(list[0], status::ok);
    EXPECT_EQ(list[2], status::ok);
    return list[1];
  }

  RouterCore core_{description_, {}};
};

TEST_F(ReceivedContextTest, ReadsContextsInOrder) {
  const auto received = read_received(core_, decoded(handover_.shrep()));
  ASSERT_EQ(received.size(), 4U);
  for (std::size_t i = 0; i < received.size(); ++i) {
    EXPECT_EQ(received[i].status, status::ok);
    ASSERT_TRUE(received[i].context);
    EXPECT_EQ(received[i].context->spi, context(i).spi);
    EXPECT_EQ(received[i].context->key, context(i).key);
    EXPECT_EQ(received[i].context->sequence, context(i).sequence);
  }
}

TEST_F(ReceivedContextTest, MessageWithoutSecctRepHasNone) {
  EXPECT_TRUE(statuses(handover_.shrep_status()).empty());
}

TEST_F(ReceivedContextTest, EvaluatesEachContextSeparately) {
  auto second = context(2);
  second.lifetime = 0;
  EXPECT_EQ(status_of(second), status::unusable);

  second = context(2);
  second.source[0] = 0xff;  // multicast
  EXPECT_EQ(status_of(second), status::invalid_source);

  second = context(2);
  second.destination[0] = 0xff;
  EXPECT_EQ(status_of(second), status::invalid_destination);

  second = context(0);
  second.key.pop_back();
  EXPECT_EQ(status_of(second), status::invalid_attribute);

  auto packet = handover_.shrep({context(0), context(2), context(1)});
  set_field(description_.codepoints, packet, "secct.spt#2", "0x7ffe");  // unassigned
  EXPECT_THAT(statuses(packet), ElementsAre(status::ok, status::unusable, status::ok));
}

TEST_F(ReceivedContextTest, IpcompLzsIsNotSupported) {
  auto compressed = context(0);
  compressed.key.clear();
  Spt ipcomp;
  ipcomp.protocol = SptProtocol::ipcomp;
  ipcomp.algorithm = 1;  // DEFLATE
  compressed.spt = spt_number(ipcomp);
  EXPECT_EQ(status_of(compressed), status::ok);
  ipcomp.algorithm = 2;  // LZS
  compressed.spt = spt_number(ipcomp);
  EXPECT_EQ(status_of(compressed), status::unusable);
}

TEST_F(ReceivedContextTest, SecctRepWithoutContextIsOneMalformedContext) {
  auto packet = handover_.shrep({context(0)});
  insert_entry(description_.codepoints, packet, "sub_options#1", "{secct.subopt.type: rep}");
  EXPECT_THAT(statuses(packet), ElementsAre(status::invalid_attribute, status::ok));
}

TEST_F(ReceivedContextTest, IncompleteLastContextIsMalformed) {
  auto packet = handover_.shrep({context(0)});
  append_octets(packet, "sub_options#1", Octets{0x80});
  EXPECT_THAT(statuses(packet), ElementsAre(status::ok, status::invalid_attribute));
}

class ShrepAckTest : public ReceivedContextTest {
 protected:
  Node option(const std::vector<ReceivedContext>& contexts, BehaviourOverride behaviour = {}) {
    const RouterCore core(description_, behaviour);
    return shrep_ack_option(core, handover_.mobile_node().naddr, handover_.mobile_node().paddr,
                            contexts);
  }
  static bool all_received(const Node& option) { return option.find(F::all_received) != nullptr; }
  static std::vector<std::uint64_t> stats(const Node& option) {
    std::vector<std::uint64_t> list;
    for (const auto& child : option.children) {
      if (const auto* status = child.find(F::status)) list.push_back(status->number().value_or(0));
    }
    return list;
  }
};

TEST_F(ShrepAckTest, SetsFlagIfAllContextsAreGood) {
  const auto ack = option({{context(0), status::ok}, {context(1), status::ok}});
  EXPECT_TRUE(all_received(ack));
  EXPECT_TRUE(stats(ack).empty());
}

TEST_F(ShrepAckTest, HasAStatusPerContextOtherwise) {
  const auto ack = option({{context(0), status::ok},
                           {std::nullopt, status::invalid_attribute},
                           {context(1), status::ok}});
  EXPECT_FALSE(all_received(ack));
  EXPECT_THAT(stats(ack), ElementsAre(200, 102, 200));
}

TEST_F(ShrepAckTest, FaultReportsAllReceived) {
  EXPECT_TRUE(all_received(option({{std::nullopt, status::unusable}}, Fault::ack_says_all)));
}

}  // namespace
}  // namespace secct::replay
