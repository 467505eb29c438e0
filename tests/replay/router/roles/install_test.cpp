// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/install.hpp"

#include <gtest/gtest.h>

#include "generator/handover/handover.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/tables/spt.hpp"
#include "protocol/tables/status.hpp"

namespace secct::replay {
namespace {

using F = Field;

class InstallTest : public testing::Test {
 protected:
  // Installs `contexts`, or the transferable SAs of mobile node 1, in a new router.
  std::vector<Node> install_contexts(std::vector<Context> contexts = {}, Time now = 0) {
    if (contexts.empty()) contexts = handover_.mobile_node().transferable();
    received_.clear();
    for (auto& context : contexts) received_.push_back({std::move(context), status::ok});
    core_.emplace(description_, behaviour_);
    return install(*core_, target_, received_, now);
  }
  Context context(std::size_t index) const { return handover_.mobile_node().sas[index].context; }
  std::span<const LivePtr> installed() const { return core_->sadb.of(target_.owner); }
  static std::uint64_t number(const Node& node, F field) {
    const auto* found = node.find(field);
    return found != nullptr ? found->number().value_or(0) : 0;
  }

  RouterDescription description_ = built_in_description();
  BehaviourOverride behaviour_;
  Counters counters_;
  Handover handover_{description_, Role::nr, 1, 1, counters_};
  InstallTarget target_{{Role::nr, handover_.mobile_node().naddr},
                        description_.mn_address,
                        handover_.mobile_node().naddr,
                        handover_.mobile_node().paddr};
  std::vector<ReceivedContext> received_;
  std::optional<RouterCore> core_;
};

TEST_F(InstallTest, ReplacesPreviousRouterAndPaddr) {
  EXPECT_TRUE(install_contexts().empty());
  ASSERT_EQ(installed().size(), 4U);
  EXPECT_EQ(installed()[0]->sa.source, description_.mn_address);
  EXPECT_EQ(installed()[0]->sa.destination, target_.naddr);
  EXPECT_EQ(installed()[1]->sa.source, target_.naddr);
  EXPECT_EQ(installed()[1]->sa.destination, description_.mn_address);
  EXPECT_EQ(core_->statistics[Count::installed], 4U);
}

TEST_F(InstallTest, KeepsOtherAddresses) {
  auto remote = context(1);
  remote.destination = description_.new_prefix.address;
  remote.destination[15] = 9;
  install_contexts({remote});
  ASSERT_EQ(installed().size(), 1U);
  EXPECT_EQ(installed()[0]->sa.source, target_.naddr);
  EXPECT_EQ(installed()[0]->sa.destination, remote.destination);
}

TEST_F(InstallTest, ContinuesSequenceNumberAndWindow) {
  install_contexts();
  EXPECT_EQ(installed()[0]->next_sequence(), 101U);
  auto& window = installed()[1]->window;  // highest number 200, all 64 received
  EXPECT_FALSE(window.is_new(200));
  EXPECT_FALSE(window.is_new(137));
  EXPECT_TRUE(window.is_new(201));
  // Window 0x...fe of the fourth SA: number 400 was received, 337 was not.
  EXPECT_FALSE(installed()[3]->window.is_new(400));
  EXPECT_TRUE(installed()[3]->window.is_new(337));
}

TEST_F(InstallTest, LifetimeInSecondsStartsAtInstallation) {
  install_contexts({}, seconds(100));
  EXPECT_EQ(installed()[0]->expires, seconds(3700));
  EXPECT_EQ(installed()[0]->octets_left, UINT64_MAX);
}

TEST_F(InstallTest, LifetimeInMegabytes) {
  auto limited = context(1);
  auto spt = *find_spt(limited.spt);
  spt.megabytes = true;
  limited.spt = spt_number(spt);
  limited.lifetime = 3;
  install_contexts({limited}, seconds(100));
  ASSERT_EQ(installed().size(), 1U);
  EXPECT_EQ(installed()[0]->expires, UINT64_MAX);
  EXPECT_EQ(installed()[0]->octets_left, 3U << 20U);
}

TEST_F(InstallTest, SkipsRefusedAndUnreadableContexts) {
  core_.emplace(description_, behaviour_);
  received_ = {{context(0), status::invalid_attribute},
               {std::nullopt, status::unusable},
               {context(1), status::ok}};
  install(*core_, target_, received_, 0);
  ASSERT_EQ(installed().size(), 1U);
  EXPECT_EQ(installed()[0]->sa.spi, context(1).spi);
  EXPECT_EQ(received_[0].status, status::invalid_attribute);
  EXPECT_EQ(received_[1].status, status::unusable);
}

TEST_F(InstallTest, IpcompNeedsNoSa) {
  auto compressed = context(0);
  Spt ipcomp;
  ipcomp.protocol = SptProtocol::ipcomp;
  ipcomp.algorithm = 1;  // DEFLATE
  compressed.spt = spt_number(ipcomp);
  compressed.key.clear();
  install_contexts({compressed});
  EXPECT_EQ(received_[0].status, status::ok);
  EXPECT_TRUE(installed().empty());
}

TEST_F(InstallTest, RecomputesSpiInUse) {
  description_.spi_in_use = {context(1).spi};
  const auto changes = install_contexts();
  const auto& live = *installed()[1];
  EXPECT_EQ(live.sa.spi, compute_spi(context(1).key, target_.nr, target_.naddr));
  EXPECT_EQ(live.context.spi, live.sa.spi);
  EXPECT_EQ(live.mobile_node_spi, context(1).spi);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(number(changes[0], F::ack_spi), context(1).spi);
  EXPECT_EQ(number(changes[0], F::ack_changed), 0x80U);
}

TEST_F(InstallTest, RefusesSpiInUseByPolicy) {
  description_.spi_in_use = {context(1).spi};
  description_.policies.spi_conflict = SpiConflict::deny;
  EXPECT_TRUE(install_contexts().empty());
  EXPECT_EQ(installed().size(), 3U);
  EXPECT_EQ(received_[0].status, status::ok);
  EXPECT_EQ(received_[1].status, status::unusable);
}

TEST_F(InstallTest, RequestsRenegotiationOfSpiInUseByPolicy) {
  description_.spi_in_use = {context(1).spi};
  description_.policies.spi_conflict = SpiConflict::renegotiate;
  const auto changes = install_contexts();
  EXPECT_EQ(installed().size(), 3U);
  EXPECT_EQ(received_[1].status, status::ok);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(number(changes[0], F::ack_changed), 0x04U);
}

TEST_F(InstallTest, RefusesContextIfTheRecomputedSpiIsInUse) {
  description_.spi_in_use = {context(1).spi,
                             compute_spi(context(1).key, target_.nr, target_.naddr)};
  install_contexts();
  EXPECT_EQ(received_[1].status, status::unusable);
  EXPECT_EQ(installed().size(), 3U);
}

TEST_F(InstallTest, SpiInUseDoesNotConcernSasToTheMobileNode) {
  description_.spi_in_use = {context(0).spi};
  EXPECT_TRUE(install_contexts().empty());
  EXPECT_EQ(installed()[0]->sa.spi, context(0).spi);
}

TEST_F(InstallTest, SecondSaWithTheSameSpiIsAConflict) {
  const auto changes = install_contexts({context(1), context(1)});
  ASSERT_EQ(installed().size(), 2U);
  EXPECT_NE(installed()[0]->sa.spi, installed()[1]->sa.spi);
  EXPECT_EQ(changes.size(), 1U);
}

Node additional(std::uint64_t type, F field, std::uint64_t value) {
  Node node(F::additional);
  node.children.emplace_back(F::data_type, type);
  node.children.emplace_back(field, value);
  return node;
}

TEST_F(InstallTest, ReportsSmallerPathMtu) {
  auto large = context(1);
  large.additional = {additional(3, F::data_pmtu, description_.mtu + 1)};
  auto equal = context(3);
  equal.additional = {additional(3, F::data_pmtu, description_.mtu)};
  const auto changes = install_contexts({large, equal});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(number(changes[0], F::ack_changed), 0x02U);
  EXPECT_EQ(number(changes[0], F::ack_spi), large.spi);
  EXPECT_EQ(number(changes[0], F::ack_pmtu), description_.mtu);
}

Node preference(std::uint64_t type, std::uint64_t value) {
  Node node(F::static_profile);
  node.children.emplace_back(F::preference_type, type);
  node.children.emplace_back(F::preference_value, value);
  return node;
}

TEST_F(InstallTest, RequestsRenegotiationIfAnotherAlgorithmIsPreferred) {
  const auto hmac_sha1 = std::uint64_t{find_spt(context(1).spt)->algorithm};
  auto best = context(1);
  best.static_profile = {preference(2, hmac_sha1)};
  auto second = context(3);
  second.static_profile = {preference(4, 1)};  // tunnel mode preferred, SA in transport mode
  EXPECT_TRUE(install_contexts({best, second}).empty());
  description_.policies.prefer_static_profile = true;
  const auto changes = install_contexts({best, second});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(number(changes[0], F::ack_spi), second.spi);
  EXPECT_EQ(number(changes[0], F::ack_changed), 0x04U);
  EXPECT_EQ(installed().size(), 2U);
}

TEST_F(InstallTest, ShakSaIsTheFirstSaToTheMobileNode) {
  install_contexts({context(1), context(2), context(0)});
  const auto chosen = shak_sa(*core_, target_.owner, target_.naddr);
  ASSERT_NE(chosen, nullptr);
  EXPECT_EQ(chosen->sa.spi, context(2).spi);
  EXPECT_EQ(shak_sa(*core_, {Role::nr, description_.peer}, target_.naddr), nullptr);
}

}  // namespace
}  // namespace secct::replay
