// SPDX-License-Identifier: GPL-2.0-or-later
// Scenarios: messages, timestamps, comments, sequence numbers, and that the same seed gives the
// same packets.
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/scenario/prefetch.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/tables/fields.hpp"
#include "tests/generator/descriptions.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

RouterDescription description_of(const ScenarioRow& row) {
  return read_description(row.description(built_in_yaml()), "built-in description");
}

Scenario made(const std::string& name, std::uint32_t handovers = 1, std::uint64_t seed = 1) {
  const auto& row = find_scenario(name);
  return make_scenario(row, description_of(row), handovers, seed);
}

std::string message_of(const PacketDocument& packet) {
  if (packet.message() == nullptr) return "data";
  const auto number = packet.message()->find(Field::message)->number();
  return find_value(Values::message, *number)->key;
}

std::vector<std::string> messages(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& packet : made(name).document.packets) {
    const auto message = message_of(packet);
    if (message != "data") names.push_back(message);
  }
  return names;
}

TEST(Scenario, SendsTheMessagesOfItsFlow) {
  using testing::ElementsAre;
  EXPECT_THAT(messages("predictive"), ElementsAre("HI", "HAck", "SHIN", "SHAK"));
  EXPECT_THAT(messages("predictive-mobile"), ElementsAre("P-SHIN", "HI", "HAck", "SHIN", "SHAK"));
  EXPECT_THAT(messages("reactive"), ElementsAre("SHIN", "SHREQ", "SHREP", "SHREP-Ack", "SHAK"));
  EXPECT_THAT(messages("fallback"), ElementsAre("HI", "HI", "HI", "HI", "HI", "SHIN", "SHREQ",
                                                "SHREP", "SHREP-Ack", "SHAK"));
  EXPECT_THAT(messages("status-100"), ElementsAre("SHIN", "SHAK"));
  EXPECT_THAT(messages("no-answer"),
              ElementsAre("SHIN", "SHREQ", "SHREQ", "SHREQ", "SHREQ", "SHAK"));
}

// Names that users type: behaviour.md section 6, and one scenario for each status.
TEST(Scenario, FindsDocumentedNames) {
  for (const auto* name :
       {"mn-pr-control", "mn-sg-data", "type1", "type2", "type3", "type4", "type5", "multilateral",
        "multilevel-adjacent", "multilevel-nested", "mip4", "static-profile", "status-100",
        "status-101", "status-102", "status-103", "status-104", "status-105", "status-106"}) {
    EXPECT_EQ(find_scenario(name).name, name);
  }
}

TEST(Scenario, SameSeedGivesTheSamePackets) {
  for (const auto& row : scenarios()) {
    SCOPED_TRACE(row.name);
    const auto description = description_of(row);
    ScenarioRun first(row, description, 2, 7);
    ScenarioRun again(row, description, 2, 7);
    ScenarioRun other(row, description, 2, 8);
    bool differs = false;
    while (first.next()) {
      ASSERT_TRUE(again.next());
      ASSERT_TRUE(other.next());
      EXPECT_EQ(first.time(), again.time());
      EXPECT_EQ(first.comment(), again.comment());
      EXPECT_TRUE(first.octets() == again.octets());
      differs |= first.octets() != other.octets() || first.time() != other.time();
    }
    EXPECT_FALSE(again.next());
    EXPECT_TRUE(differs);
  }
}

// For every step of every scenario, several mobile nodes, and AH or ESP between the routers.
TEST(Scenario, TemplatesGiveTheOctetsOfTheDocuments) {
  for (const auto& row : scenarios()) {
    for (const bool confidential : {false, true}) {
      SCOPED_TRACE(row.name);
      auto description = description_of(row);
      description.policies.confidential = confidential;
      ScenarioRun run(row, description, 3, confidential ? 5 : 1);
      while (run.next()) {
        SCOPED_TRACE(run.comment());
        EXPECT_EQ(to_hex(run.octets()), to_hex(run.octets_from_document()));
        EXPECT_TRUE(run.has_template());
      }
    }
  }
}

// Every kind of SA, and ESP in tunnel mode between the routers.
TEST(Scenario, TemplatesWorkWithOtherDescriptions) {
  for (const auto* sas : {esp_first, tunnels, esp_tunnel}) {
    for (const bool confidential : {false, true}) {
      const auto router = description_from(description_yaml(sas, confidential));
      for (const auto* name : {"reactive", "predictive-mobile", "fallback"}) {
        // No AH SA from the mobile node protects the P-SHIN.
        if (sas == esp_tunnel && std::string_view(name) == "predictive-mobile") continue;
        ScenarioRun run(find_scenario(name), router, 16, 9);
        while (run.next()) {
          SCOPED_TRACE(run.comment());
          EXPECT_EQ(to_hex(run.octets()), to_hex(run.octets_from_document()));
          EXPECT_TRUE(run.has_template());
        }
      }
    }
  }
}

// Two SAs with the same SPI share a sequence number counter, which a template cannot express.
TEST(Scenario, StepsWithoutATemplateAreBuiltFromTheDocument) {
  const auto router = description_from(description_yaml(
      "    - {type: 5, direction: from-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6, spi_base: 0x1001}\n"
      "    - {type: 5, direction: to-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6, spi_base: 0x1000}\n"));
  ScenarioRun run(find_scenario("reactive"), router, 5, 1);
  bool without_template = false;
  while (run.next()) {
    EXPECT_EQ(to_hex(run.octets()), to_hex(run.octets_from_document()));
    without_template |= !run.has_template();
  }
  EXPECT_TRUE(without_template);
}

TEST(ScenarioPrefetch, GivesThePacketsOfTheRunInItsOrder) {
  const auto& row = find_scenario("reactive");
  ScenarioRun run(row, description(), 500, 3);
  ScenarioPrefetch prefetch(row, description(), 500, 3);
  while (run.next()) {
    ASSERT_TRUE(prefetch.next());
    EXPECT_EQ(prefetch.time(), run.time());
    EXPECT_EQ(prefetch.comment(), run.comment());
    EXPECT_TRUE(std::ranges::equal(prefetch.octets(), run.octets()));
  }
  EXPECT_FALSE(prefetch.next());
}

TEST(ScenarioPrefetch, StopsItsThreadsBeforeTheLastPacket) {
  const auto& row = find_scenario("reactive");
  for (const int wanted : {0, 1, 1000}) {
    ScenarioPrefetch some(row, description(), 1000000, 3);
    for (int i = 0; i < wanted; ++i) EXPECT_TRUE(some.next());
  }
}

TEST(ScenarioPrefetch, ReportsPacketsThatCannotBeBuilt) {
  auto row = find_scenario("status-104");  // a Paddr without token key
  for (auto& step : row.steps) {
    std::erase_if(step.edits, [](const auto& edit) { return edit.path == "secct.auth.token"; });
  }
  ScenarioPrefetch prefetch(row, description(), 2, 1);
  const auto all = [&] {
    while (prefetch.next()) continue;
  };
  EXPECT_THAT(error_of(all), testing::HasSubstr("no token key for Paddr"));
}

TEST(Scenario, InterleavedHandoversKeepTheirOrderAndNumbers) {
  const std::set<std::string> repeating{"retransmissions"};
  for (const auto& row : scenarios()) {
    SCOPED_TRACE(row.name);
    const auto description = description_of(row);
    ScenarioRun run(row, description, 3, 3);
    std::set<Octets> seen;
    std::uint64_t last = 0;
    std::size_t count = 0;
    std::map<std::uint64_t, std::uint64_t> sequences;
    while (run.next()) {
      ++count;
      const auto packet = run.document();
      EXPECT_TRUE(seen.insert(run.octets()).second || repeating.contains(row.name));
      EXPECT_GE(run.time(), last);
      last = run.time();
      for (const auto& layer : packet.layers) {
        const bool ah = layer.kind == LayerKind::ah;
        if (!ah && layer.kind != LayerKind::esp) continue;
        const auto spi = *layer.number(ah ? HeaderField::ah_spi : HeaderField::esp_spi);
        const auto number =
            *layer.number(ah ? HeaderField::ah_sequence : HeaderField::esp_sequence);
        auto& highest = sequences[spi];
        EXPECT_GT(number, highest);  // otherwise a receiver discards it as a replay
        highest = number;
      }
      EXPECT_THAT(run.comment(),
                  testing::MatchesRegex(
                      row.name + ", mobile node [0-9]+, step [0-9]+ of [0-9]+: .+ \\[.+\\]"));
    }
    EXPECT_EQ(count, 3 * row.steps.size());
  }
}

TEST(Scenario, NamesOnlyClausesOfTheLedger) {
  std::ifstream file(SECCT_SOURCE_DIR "/docs/clauses.yaml");
  std::stringstream ledger;
  ledger << file.rdbuf();
  for (const auto& row : scenarios()) {
    for (const auto& step : row.steps) {
      EXPECT_NE(ledger.str().find("id: " + step.clause + "\n"), std::string::npos)
          << row.name << ": " << step.clause;
    }
  }
}

TEST(Scenario, RepliesCopyTheIdentifier) {
  std::map<std::string, std::set<std::uint64_t>> by_paddr;
  for (const auto& packet : made("reactive", 2, 5).document.packets) {
    if (packet.message() == nullptr) continue;
    const auto* identifier = packet.message()->find(Field::identifier);
    const auto* option = packet.message()->find(Field::options);
    if (identifier == nullptr || option == nullptr) continue;
    by_paddr[to_hex(*option->find(Field::paddr)->octets())].insert(*identifier->number());
  }
  EXPECT_EQ(by_paddr.size(), 2U);
  for (const auto& [paddr, identifiers] : by_paddr) EXPECT_EQ(identifiers.size(), 1U);
}

// A SHREP carries the sequence numbers and windows that the data before it has advanced, and the
// data after the handover continues from them.
TEST(Scenario, DataContinuesTheTransferredSequenceNumbers) {
  const auto scenario = made("reactive");
  std::map<std::uint64_t, std::vector<std::uint64_t>> numbers;
  std::map<std::uint64_t, std::uint64_t> handed_over;
  for (const auto& packet : scenario.document.packets) {
    if (const auto* esp = packet.find(LayerKind::esp)) {
      numbers[*esp->number(HeaderField::esp_spi)].push_back(
          *esp->number(HeaderField::esp_sequence));
    }
    if (message_of(packet) != "SHREP") continue;
    for (const auto& sub : packet.message()->find(Field::options)->children) {
      for (const auto& context : sub.children) {
        if (context.field != Field::contexts) continue;
        const auto spi = *context.find(Field::sa_spi)->number();
        handed_over[spi] = *context.find(Field::sa_sequence)->number();
        if (spi == 0x40000043) {
          // fffffffffffffffe at 400, then 401 was received.
          EXPECT_EQ(*context.find(Field::sa_window)->octets(), octets("ffffffffffffffff"));
        }
      }
    }
  }
  EXPECT_THAT(numbers[0x30000042], testing::ElementsAre(301, 302));
  EXPECT_THAT(numbers[0x40000043], testing::ElementsAre(401, 402));
  EXPECT_EQ(handed_over[0x30000042], 301U);
  EXPECT_EQ(handed_over[0x40000043], 401U);
  EXPECT_EQ(handed_over[0x10000040], 101U);
}

TEST(Scenario, UsesTheRecomputedSpiAfterTheHandover) {
  const auto scenario = made("spi-conflict-recompute");
  const auto& row = find_scenario("spi-conflict-recompute");
  const auto description = description_of(row);
  const auto node = description.mobile_node(1, Role::nr);
  const auto expected = compute_spi(node.sas[1].context.key, description.mn_address, node.naddr);
  std::vector<std::uint64_t> spis;
  for (const auto& packet : scenario.document.packets) {
    if (message_of(packet) != "data" || packet.find(LayerKind::ah) == nullptr) continue;
    spis.push_back(*packet.find(LayerKind::ah)->number(HeaderField::ah_spi));
  }
  EXPECT_THAT(spis, testing::ElementsAre(0x20000041, 0x10000040, expected, 0x10000040));
}

TEST(Scenario, MergesDescriptionChanges) {
  const auto base = parse_yaml("{a: {b: 1, c: 2}, d: [1, 2], e: 5}", "base");
  ScenarioRow row;
  row.description_changes = parse_yaml("{a: {c: 3, f: 4}, d: [7]}", "over");
  const auto result = row.description(base);
  EXPECT_EQ(result["a"]["b"].as<int>(), 1);
  EXPECT_EQ(result["a"]["c"].as<int>(), 3);
  EXPECT_EQ(result["a"]["f"].as<int>(), 4);
  EXPECT_EQ(result["d"].size(), 1U);
  EXPECT_EQ(result["e"].as<int>(), 5);
  EXPECT_EQ(base["a"]["c"].as<int>(), 2);
}

TEST(Scenario, RejectsMistakesInAFileOfScenarios) {
  const auto error = [](const std::string& scenario) {
    return error_of([&] {
      read_scenarios(
          parse_yaml(
              "flows:\n  f: [{send: shin, what: w, clause: c}]\nscenarios:\n  - " + scenario + "\n",
              "own"),
          "own");
    });
  };
  EXPECT_EQ(error("{name: n, what: w, flow: f}"), "nothing thrown");
  EXPECT_EQ(error("{name: n, what: w}"), "own:4: scenarios[0]: 'flow' is missing");
  EXPECT_EQ(error("{name: n, what: w, flow: g}"),
            "own:4: scenarios[0].flow: expected a key of 'flows', found 'g'");
  EXPECT_EQ(error("{name: n, what: w, flow: f, stauts: 5}"),
            "own:4: scenarios[0]: unknown key 'stauts'; did you mean status?");
  EXPECT_EQ(error("{name: n, what: w, flow: f, before: [{payload: tcp, under: [1]}]}"),
            "own:4: scenarios[0].before[0].payload: expected one of udp, echo, found 'tcp'; did "
            "you mean udp?");
  EXPECT_EQ(error("{name: n, what: w, flow: f, before: [{payload: udp, under: [x]}]}"),
            "own:4: scenarios[0].before[0].under: expected SA numbers from 1 to 64, found 'x'");
  EXPECT_EQ(error("{name: n, what: w, flow: f, before: [{payload: udp, under: [1, 0]}]}"),
            "own:4: scenarios[0].before[0].under: expected SA numbers from 1 to 64, found '0'");
  EXPECT_EQ(error("{name: n, what: w, flow: f, conflict: 65}"),
            "own:4: scenarios[0].conflict: expected SA numbers from 1 to 64, found '65'");
  EXPECT_EQ(error("{name: n, what: w, flow: f, conflict: [1, 2]}"),
            "own:4: scenarios[0].conflict: expected one SA number");
  EXPECT_EQ(error("{name: n, what: w, flow: f, changes: [{sa: 1, changed: 2}]}"),
            "own:4: scenarios[0].changes.pmtu: 'pmtu' is required if 'changed' contains 0x02, and "
            "not allowed otherwise");
}

// The numbers of SAs count from 1 in a file and from 0 in ScenarioRow.
TEST(Scenario, ReadsSaNumbers) {
  const auto rows = read_scenarios(
      parse_yaml("flows:\n"
                 "  f: [before, {send: shrep, contexts: [2, 1], what: w, clause: c}]\n"
                 "scenarios:\n"
                 "  - {name: n, what: w, flow: f, conflict: 2, changes: [{sa: 4, changed: 4}],\n"
                 "     before: [{payload: udp, under: [3, 4]}]}\n",
                 "own"),
      "own");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].conflict, 1U);
  EXPECT_EQ(rows[0].changes.at(0).sa, 3U);
  EXPECT_THAT(rows[0].steps.at(0).traffic.under, testing::ElementsAre(2, 3));
  EXPECT_THAT(rows[0].steps.at(1).contexts, testing::ElementsAre(1, 0));
}

TEST(Scenario, RejectsUnknownNamesVariablesAndTooManyHandovers) {
  EXPECT_THAT(error_of([] { find_scenario("reactiv"); }),
              testing::AllOf(
                  testing::StartsWith("unknown scenario 'reactiv'; expected one of predictive, "),
                  testing::EndsWith("; did you mean reactive?")));
  EXPECT_EQ(error_of([] { made("reactive", 0); }),
            "0 handovers: expected 1 to 1048576, the number of mobile nodes of the router "
            "description");
  EXPECT_EQ(error_of([] { made("reactive", 1048577); }),
            "1048577 handovers: expected 1 to 1048576, the number of mobile nodes of the router "
            "description");
  auto row = find_scenario("reactive");
  row.steps.front().traffic.under = {9};
  const auto with_one_left_out = description();
  EXPECT_EQ(ScenarioRun(row, with_one_left_out, 1, 1).steps(), row.steps.size() - 1);
  row.steps.back().message = "shin";
  row.steps.front().traffic.under = {0};
  row.steps.back().edits = {{Edit::Kind::set, "secct.paddr", "$padr"}};
  EXPECT_EQ(error_of([&] { ScenarioRun(row, description(), 1, 1); }),
            "unknown variable '$padr'; did you mean $paddr?");
  row.steps.back().edits = {{Edit::Kind::set, "secct.req.spi", "[$spi1, $spi0]"}};
  EXPECT_EQ(error_of([&] { ScenarioRun(row, description(), 1, 1); }),
            "variable '$spi0': expected a number from 1 to 4");
}

}  // namespace
}  // namespace secct::generator::test
