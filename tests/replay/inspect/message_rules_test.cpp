// SPDX-License-Identifier: GPL-2.0-or-later
// For each clause with `test: lint`, a packet that violates it; the same packet without the change
// violates no rule.
#include "replay/inspect/message_rules.hpp"

#include <set>

#include <gtest/gtest.h>

#include "generator/document/edit_list.hpp"
#include "generator/handover/handover_variables.hpp"
#include "generator/packet/build.hpp"
#include "network/datagram.hpp"
#include "replay/inspect/received_packet.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

struct Broken {
  const char* clause;
  Role role;            // of the router that sends
  const char* message;  // of Handover::by_name
  Edit edit;
};
using K = Edit::Kind;

const Broken broken_packets[] = {
    {"RELOC-3-1", Role::pr, "shrep", {K::set, "secct.reserved#3", "7"}},
    {"RELOC-3-7", Role::pr, "shrep", {K::set, "secct.sa.source_port", "80"}},
    {"RELOC-5.3-2",
     Role::nr,
     "shak",
     {K::insert, "sub_options#1",
      "{secct.subopt.type: ack, secct.ack.changed: 0x80, secct.ack.spi: 512, raw: 0x0102}"}},
    {"RELOC-5.4-2", Role::pr, "shrep", {K::set, "secct.status", "150"}},
    {"RELOC-5.4-2",
     Role::pr,
     "hi",
     {K::insert, "sub_options#1", "{secct.subopt.type: stat, secct.status: 200}"}},
    {"FMIP-4.3-1", Role::pr, "hi", {K::set, "ipv6.hlim", "64"}},
    {"FMIP-4.3-1", Role::pr, "hi", {K::set, "icmpv6.code", "1"}},
    {"FMIP-4.3-1", Role::pr, "hi", {K::set, "secct.reserved", "1"}},
    {"FMIP-4.3-1", Role::pr, "hi", {K::remove, "options#1", ""}},
    {"FMIP-4.4-5", Role::nr, "hack", {K::set, "ipv6.hlim", "64"}},
    {"FMIP-4.4-5", Role::nr, "hack", {K::set, "secct.reserved", "1"}},
    {"FMIP-4.4-5", Role::nr, "hack", {K::drop_layer, "ah", ""}},
    {"ROBUST-10", Role::nr, "shreq", {K::set, "ipv6.hlim", "254"}},
    {"ROBUST-10", Role::pr, "shrep", {K::set, "ipv6.hlim", "1"}},
    {"ROBUST-10", Role::nr, "shrep-ack", {K::set, "ipv6.hlim", "64"}},
    {"ROBUST-12", Role::pr, "shrep", {K::set, "ah.icv", "0x000102030405060708090a0b"}},
    {"ROBUST-12", Role::pr, "shrep", {K::set, "ah.spi", "0x1003"}},
    {"ROBUST-14", Role::pr, "shrep", {K::set, "icmpv6.checksum", "1"}},
    {"ROBUST-14", Role::pr, "shrep", {K::set, "secct.opt.length", "1"}},
    {"ROBUST-14", Role::pr, "shrep", {K::set, "secct.subopt.length#1", "1"}},
};

class MessageRules : public testing::Test {
 protected:
  // The rules that the packet violates, with or without its edit.
  std::vector<Failure> broken_by(const Broken& packet, bool with_edit) {
    Counters counters;
    Handover handover(description_, packet.role, 1, 1, counters);
    auto document = *handover.by_name(packet.message);
    auto keys = handover.keyring();
    auto sender = keys;  // with a key for the unknown SPI
    sender.sas.push_back(description_.router_sas[1].sa);
    sender.sas.back().spi = 0x1003;
    if (with_edit)
      apply(packet.edit, description_.codepoints, document, handover_variables(handover));
    const auto built = build(description_.codepoints, sender, document);
    EXPECT_TRUE(built.faults.empty()) << built.faults[0].text;
    return broken_in(View(built.octets).subspan(ethernet_octets), keys);
  }

  std::vector<Failure> broken_in(View datagram, const Keyring& keys) {
    ReceivedPacket packet;
    inspector_.inspect(datagram, keys, packet);
    return packet.broken;
  }

  RouterDescription description_ = built_in_description();
  PacketInspector inspector_{description_.codepoints};
};

TEST_F(MessageRules, NameTheClauseOfEachViolation) {
  for (const auto& packet : broken_packets) {
    const auto where = std::string(packet.clause) + " " + packet.message + " " + packet.edit.path;
    inspector_.reset();
    const auto good = broken_by(packet, false);
    EXPECT_TRUE(good.empty()) << where << ": " << good.front().reason();
    inspector_.reset();
    const auto bad = broken_by(packet, true);
    ASSERT_FALSE(bad.empty()) << where;
    EXPECT_EQ(bad.front().clause, packet.clause) << where << ": " << bad.front().reason();
  }
}

TEST_F(MessageRules, CoverEveryClauseWithTestLint) {
  std::set<std::string> violated{"ROBUST-11"};  // DetectAReusedIv
  for (const auto& packet : broken_packets) violated.insert(packet.clause);
  for (const auto& clause : clauses()) {
    if (clause.test != "lint") continue;
    EXPECT_TRUE(violated.contains(clause.id)) << clause.id;
  }
}

TEST_F(MessageRules, DetectAReusedIv) {
  description_.policies.confidential = true;
  Counters counters;
  Handover handover(description_, Role::pr, 1, 1, counters);
  const auto keys = handover.keyring();
  for (int i = 0; i < 2; ++i) {
    auto document = handover.shrep();
    const Octets iv(16, 0x42);
    document.find(LayerKind::esp)->set(HeaderField::esp_iv, iv);
    const auto built = build(description_.codepoints, keys, document);
    const auto broken = broken_in(View(built.octets).subspan(ethernet_octets), keys);
    if (i == 0) {
      EXPECT_TRUE(broken.empty());
    } else {
      ASSERT_EQ(broken.size(), 1U);
      EXPECT_EQ(broken[0].clause, "ROBUST-11");
      EXPECT_EQ(broken[0].field, "esp.iv");
    }
  }
}

TEST_F(MessageRules, IgnoreFieldsThatTheRouterCopiesFromTheMobileNode) {
  Counters counters;
  Handover handover(description_, Role::nr, 1, 1, counters);
  auto document = handover.shreq();
  set_field(description_.codepoints, document, "secct.req.spt", "0x0f");
  const auto built = build(description_.codepoints, handover.keyring(), document);
  EXPECT_TRUE(broken_in(View(built.octets).subspan(ethernet_octets), handover.keyring()).empty());
}

}  // namespace
}  // namespace secct::replay
