// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/mobile_node_state.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

class MobileNodeStateTest : public TesterFixture {
 protected:
  const Context& sa(std::size_t index) const { return handover_.mobile_node().sas[index].context; }

  // The SA as it is at the new router.
  Sa at_new_router(std::size_t index) const { return *to_sa(handover_.at_new_router(sa(index))); }

  template <class Call>
  static std::string error_of(Call call) {
    try {
      call();
    } catch (const UsageError& error) {
      return error.what();
    }
    return "no error";
  }
};

TEST_F(MobileNodeStateTest, SelectsSasByNumber) {
  EXPECT_EQ(mobile_node_.transferable().size(), 4U);
  EXPECT_EQ(mobile_node_.not_transferable().size(), 1U);
  const auto chosen = mobile_node_.select({false, {3, 1}});
  ASSERT_EQ(chosen.size(), 2U);
  EXPECT_EQ(chosen[0].spi, sa(2).spi);
  EXPECT_EQ(chosen[1].spi, sa(0).spi);
  EXPECT_EQ(mobile_node_.select({true, {}}).size(), 4U);
  EXPECT_EQ(error_of([&] {
              static_cast<void>(mobile_node_.select({false, {5}}));
            }),
            "contexts: there is no SA 5: the case has 4 transferable SAs");
}

TEST_F(MobileNodeStateTest, RecordsTheHighestSequenceNumberOfEachSa) {
  EXPECT_EQ(mobile_node_.highest_sent(sa(1)), std::nullopt);
  record_sent("p-shin", edited(handover_.pshin(), {{"ah.sequence", "300"}}));
  record_sent("p-shin", edited(handover_.pshin(), {{"ah.sequence", "250"}}));
  EXPECT_EQ(mobile_node_.highest_sent(sa(1)), 300U);
}

TEST_F(MobileNodeStateTest, KnowsTransferredSasAtTheNewRouter) {
  EXPECT_EQ(mobile_node_.transferred_sequence(at_new_router(0)), std::nullopt);
  EXPECT_FALSE(mobile_node_.has_sa_to_mobile_node());
  record_sent("shrep", handover_.shrep({sa(1)}));  // from the mobile node
  EXPECT_FALSE(mobile_node_.has_sa_to_mobile_node());
  record_sent("shrep", handover_.shrep({sa(0)}));  // to the mobile node
  EXPECT_TRUE(mobile_node_.has_sa_to_mobile_node());
  EXPECT_EQ(mobile_node_.transferred_sequence(at_new_router(0)), sa(0).sequence);
  EXPECT_EQ(mobile_node_.transferred_sequence(at_new_router(2)), std::nullopt);
}

TEST_F(MobileNodeStateTest, SendsTrafficUnderTheTransferredSa) {
  const TrafficStep step{.under = TrafficStep::Under::transferred, .sas = {}, .offset = {}};
  EXPECT_EQ(error_of([&] { mobile_node_.traffic(step, 1); }),
            "no SA from the mobile node to the new router was transferred");
  record_sent("shrep", handover_.shrep());
  const auto packet = received(mobile_node_.traffic(step, 1));
  ASSERT_EQ(packet->sas.size(), 1U);
  EXPECT_EQ(packet->sas[0].spi, sa(1).spi);  // the first one from the mobile node
  EXPECT_EQ(packet->sequence_numbers[0], sa(1).sequence + 1);
  EXPECT_EQ(packet->datagram->source, handover_.mobile_node().naddr);
}

TEST_F(MobileNodeStateTest, SendsTrafficUnderChosenSasWithAnOffset) {
  record_sent("shrep", handover_.shrep());
  const TrafficStep step{.kind = TrafficStep::Kind::udp,
                         .under = TrafficStep::Under::chosen,
                         .sas = {4},
                         .offset = -3,
                         .source_port = 5,
                         .destination_port = 6};
  const auto packet = received(mobile_node_.traffic(step, 1));
  ASSERT_EQ(packet->sas.size(), 1U);
  EXPECT_EQ(packet->sas[0].spi, sa(3).spi);
  EXPECT_EQ(packet->sequence_numbers[0], sa(3).sequence - 3);
  const TrafficStep missing{.under = TrafficStep::Under::chosen, .sas = {5}, .offset = {}};
  EXPECT_EQ(error_of([&] { mobile_node_.traffic(missing, 1); }),
            "cannot send under SA 5: 4 SAs were transferred");
}

TEST_F(MobileNodeStateTest, RecomputesTheSpiThatAShakReports) {
  record_sent("shrep", handover_.shrep());
  const auto shak = received(handover_.shak(status::ok, true, {{1, trait::changed_spi, {}}}));
  mobile_node_.apply_shak(shak->decoded);
  const TrafficStep step{.under = TrafficStep::Under::transferred, .sas = {}, .offset = {}};
  const auto packet = received(mobile_node_.traffic(step, 1));
  ASSERT_EQ(packet->sas.size(), 1U);
  EXPECT_EQ(packet->sas[0].spi, handover_.recomputed_spi(1));
}

}  // namespace
}  // namespace secct::replay
