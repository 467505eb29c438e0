// SPDX-License-Identifier: GPL-2.0-or-later
// Scenarios with descriptions whose SAs differ from those of the built-in one.
#include "generator/scenario/adapted_row.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/descriptions.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using testing::ElementsAre;

constexpr const char* ah_pair =
    "    - {type: 5, direction: to-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6, spi_base: 0x100000}\n"
    "    - {type: 5, direction: from-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6, spi_base: 0x500000}\n";

// 60 SAs; 20 of the larger contexts, or 22 of the smaller ones, fit into one SHREP.
constexpr const char* sixty =
    "    - {type: 5, direction: from-mn, spt: 9, spi_base: 0x100000, repeat: 30, window_size: 64}\n"
    "    - {type: 5, direction: to-mn, spt: 9, spi_base: 0x500000, repeat: 30}\n";

ScenarioRow adapted(const std::string& name, const RouterDescription& description) {
  return adapted_row(find_scenario(name), description);
}
ScenarioRow adapted(const std::string& name, const std::string& sas) {
  return adapted(name, description_from(description_yaml(sas)));
}

// "shrep 1-23" for messages with some of the SAs, numbered from 1.
std::vector<std::string> messages(const ScenarioRow& row) {
  std::vector<std::string> names;
  for (const auto& step : row.steps) {
    if (step.message == "data") continue;
    auto name = step.message;
    if (!step.contexts.empty()) {
      name += ' ' + std::to_string(step.contexts.front() + 1) + '-' +
              std::to_string(step.contexts.back() + 1);
    }
    names.push_back(name);
  }
  return names;
}

std::vector<std::vector<std::size_t>> data(const ScenarioRow& row) {
  std::vector<std::vector<std::size_t>> under;
  for (const auto& step : row.steps) {
    if (step.message == "data") under.push_back(step.traffic.under);
  }
  return under;
}

TEST(AdaptedRow, LeavesScenariosWhoseContextsFitUnchanged) {
  const auto& row = find_scenario("reactive");
  const auto same = adapted_row(row, description());
  ASSERT_EQ(same.steps.size(), row.steps.size());
  for (std::size_t i = 0; i < row.steps.size(); ++i) {
    EXPECT_EQ(same.steps[i].what, row.steps[i].what);
    EXPECT_EQ(same.steps[i].contexts.empty(), same.steps[i].message != "shrep");
  }
}

TEST(AdaptedRow, DistributesContextsAndAnswersEachPart) {
  EXPECT_THAT(messages(adapted("reactive", sixty)),
              ElementsAre("shin", "shreq", "shrep 1-20", "shrep 21-41", "shrep 42-60", "shrep-ack",
                          "shak", "shrep-ack", "shak", "shrep-ack", "shak"));
  EXPECT_THAT(
      messages(adapted("predictive", sixty)),
      ElementsAre("hi 1-20", "hi 21-41", "hi 42-60", "hack", "hack", "hack", "shin", "shak"));
  const auto row = adapted("reactive", sixty);
  std::vector<std::string> texts;
  for (const auto& step : row.steps) {
    if (step.message == "shrep") texts.push_back(step.what);
  }
  EXPECT_THAT(texts, ElementsAre("PR transfers the SAs (message 1 of 3)",
                                 "PR transfers the SAs (message 2 of 3)",
                                 "PR transfers the SAs (message 3 of 3)"));
}

// A lost SHREP has no answer, and a repeated SHIN gets one SHAK.
TEST(AdaptedRow, RepeatsAnswersToThePartsOnly) {
  EXPECT_THAT(
      messages(adapted("retransmissions", sixty)),
      ElementsAre("shin", "shreq", "shin", "shreq", "shrep 1-20", "shrep 21-41", "shrep 42-60",
                  "shreq", "shrep 1-20", "shrep 21-41", "shrep 42-60", "shrep-ack", "shak",
                  "shrep-ack", "shak", "shrep-ack", "shak", "shin", "shak"));
}

TEST(AdaptedRow, HalvesTheContexts) {
  EXPECT_THAT(messages(adapted("continued", ah_pair)),
              ElementsAre("shin", "shreq", "shrep 1-1", "shrep 2-2", "shrep-ack", "shak",
                          "shrep-ack", "shak"));
  EXPECT_THAT(messages(adapted("continued", sixty)),
              ElementsAre("shin", "shreq", "shrep 1-20", "shrep 21-30", "shrep 31-52",
                          "shrep 53-60", "shrep-ack", "shak", "shrep-ack", "shak", "shrep-ack",
                          "shak", "shrep-ack", "shak"));
}

TEST(AdaptedRow, FindsTheSaWhoseSpiIsInUse) {
  const std::string last =
      "    - {type: 3, direction: in, spt: 10, spi_base: 0x100000, remote: '2001:db8:ff::1'}\n"
      "    - {type: 5, direction: to-mn, spt: 9, spi_base: 0x500000}\n"
      "    - {type: 5, direction: from-mn, spt: 9, spi_base: 0x900000}\n";
  for (const auto* name : {"spi-conflict-recompute", "spi-conflict-renegotiate"}) {
    const auto row = adapted(name, last);
    EXPECT_EQ(row.conflict, 2U) << name;
    EXPECT_EQ(row.changes.at(0).sa, 2U) << name;
  }
}

// An SA that the new router does not install protects no data there.
TEST(AdaptedRow, LeavesOutDataThatNoSaCanProtect) {
  auto description = description_from(description_yaml(ah_pair));
  EXPECT_THAT(data(adapted("reactive", description)),
              ElementsAre(ElementsAre(1), ElementsAre(0), ElementsAre(1), ElementsAre(0)));
  const std::string last = std::string(esp_first) + ah_pair;
  description = description_from(description_yaml(last));
  description.policies.spi_conflict = SpiConflict::deny;
  const auto row = adapted("spi-conflict-deny", description);
  EXPECT_EQ(row.conflict, 0U);
  for (const auto& step : row.steps) {
    if (!step.traffic.after) continue;
    EXPECT_NE(step.traffic.under, std::vector<std::size_t>{0});
  }
  const auto near_the_end = description_from(description_yaml(
      "    - {type: 5, direction: to-mn, spt: 9, spi_base: 0x100000, sequence: 0xfffffffe}\n"
      "    - {type: 5, direction: from-mn, spt: 9, spi_base: 0x1000}\n"));
  EXPECT_THAT(data(adapted("reactive", near_the_end)), ElementsAre(ElementsAre(1), ElementsAre(1)));
}

TEST(AdaptedRow, NamesTheSaThatIsMissing) {
  const auto error = [](const std::string& name, const std::string& sas) {
    return error_of([&] { adapted(name, sas); });
  };
  const std::string end = ", which the mobile nodes of the router description do not have";
  const std::string type2 =
      "    - {type: 2, direction: to-mn, spt: 10, spi_base: 1, remote: '2001:db8:ff::1'}\n";
  EXPECT_EQ(error("reactive", type2), "scenario reactive needs an SA of type 3, 4 or 5" + end);
  EXPECT_EQ(error("predictive-mobile", esp_tunnel),
            "scenario predictive-mobile needs an AH SA of type 5 from the MN for the P-SHIN" + end);
  EXPECT_EQ(error("spi-conflict-deny", esp_tunnel),
            "scenario spi-conflict-deny needs an AH or ESP SA of type 5 from the MN" + end);
  EXPECT_EQ(error("continued", esp_tunnel),
            "scenario continued needs two SAs of types 3, 4 or 5" + end);
  EXPECT_EQ(error("no-answer", type2), "nothing thrown");
}

}  // namespace
}  // namespace secct::generator::test
