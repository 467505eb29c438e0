// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/load/load.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "network/datagram.hpp"

namespace secct::replay {
namespace {

// Drops every `nth` datagram to the embedded router; 0: none.
class LossyLink : public Link {
 public:
  LossyLink(const RouterDescription& description, std::span<const Role> roles, unsigned nth)
      : link_(description, roles), nth_(nth) {}
  Time now() const override { return link_.now(); }
  void send(Octets datagram) override {
    if (nth_ == 0 || ++count_ % nth_ != 0) link_.send(std::move(datagram));
  }
  std::optional<Octets> receive(Time until) override { return link_.receive(until); }

 private:
  MemoryLink link_;
  unsigned nth_;
  unsigned count_ = 0;
};

constexpr std::uint32_t mobile_nodes = 100;

LoadReport run(Role role, LoadOptions options, unsigned lose_nth = 0) {
  auto description = built_in_description();
  description.mobile_node_count = mobile_nodes;
  const Role roles[] = {role};
  LossyLink link(description, roles, lose_nth);
  options.role = role;
  return run_load(description, link, options);
}

TEST(Load, CompletesReactiveAndPredictiveHandovers) {
  // MemoryLink delays each datagram by 1 ms.
  constexpr Time round_trip = milliseconds(2);
  for (const auto& [role, kind, trips] : {std::tuple{Role::nr, LoadKind::reactive, 2U},
                                          {Role::nr, LoadKind::predictive, 2U},
                                          {Role::pr, LoadKind::reactive, 1U}}) {
    const auto report = run(role, {.kind = kind, .rate = 50, .duration = 1});
    EXPECT_EQ(report.started, 50U);
    EXPECT_EQ(report.completed, 50U);
    EXPECT_EQ(report.lost + report.refused, 0U);
    const auto& whole = report.latencies[static_cast<std::size_t>(LoadPair::handover)];
    EXPECT_EQ(whole.count(), 50U);
    EXPECT_EQ(whole.quantile(0.5), trips * round_trip);
    EXPECT_EQ(whole.quantile(1), trips * round_trip);
  }
}

TEST(Load, CountsLostHandovers) {
  const auto report = run(Role::pr, {.rate = 50, .duration = 1}, 5);
  EXPECT_EQ(report.started, 50U);
  EXPECT_EQ(report.lost, 10U);
  EXPECT_EQ(report.completed, 40U);
}

TEST(Load, EndsIfAllMobileNodesAreUsed) {
  const auto report = run(Role::pr, {.rate = 0, .duration = 1e6});
  EXPECT_TRUE(report.out_of_mobile_nodes);
  EXPECT_EQ(report.started, mobile_nodes);
  EXPECT_EQ(report.completed, mobile_nodes);
  EXPECT_NE(report.to_text().find("used up"), std::string::npos);
}

TEST(Latencies, ComputeQuantiles) {
  Latencies latencies;
  EXPECT_EQ(latencies.quantile(0.5), 0U);
  for (Time i = 1000; i > 0; --i) latencies.add(i);
  EXPECT_EQ(latencies.quantile(0.5), 500U);
  EXPECT_EQ(latencies.quantile(0.99), 990U);
  EXPECT_EQ(latencies.quantile(0.999), 999U);
  EXPECT_EQ(latencies.quantile(1), 1000U);
}

TEST(Load, ReportsAsJson) {
  const auto report = run(Role::nr, {.rate = 20, .duration = 1});
  const auto json = nlohmann::json::parse(report.to_json());
  EXPECT_EQ(json["completed"], 20);
  EXPECT_EQ(json["latency_s"]["handover"]["count"], 20);
  EXPECT_DOUBLE_EQ(json["latency_s"]["handover"]["p50"], 0.004);
}

TEST(Load, RejectsWhatTheTesterCannotStart) {
  EXPECT_THROW(run(Role::fa, {}), UsageError);
  EXPECT_THROW(run(Role::pr, {.kind = LoadKind::predictive}), UsageError);
}

}  // namespace
}  // namespace secct::replay
