// SPDX-License-Identifier: GPL-2.0-or-later
// Ladder diagrams as text and as data of report.html: both show the same rows.
#include "replay/report/ladder.hpp"

#include <gmock/gmock.h>

#include "generator/handover/handover.hpp"
#include "generator/packet/build.hpp"
#include "network/datagram.hpp"
#include "replay/report/ladder_diagram.hpp"

namespace secct::replay {
namespace {

using testing::HasSubstr;

// A SHIN, a SHREQ, and an echo request of the mobile node under ESP, 1 ms apart.
class LadderTest : public testing::Test {
 protected:
  LadderTest() {
    add(handover_.shin(1), "tester sends");
    add(handover_.shreq(), "router sends; FAIL RELOC-4-7: secct.status");
    add(handover_.data({.echo = true, .after = false, .under = {3}, .remote = {}}), "tester sends");
  }

  void add(const PacketDocument& packet, const std::string& comment) {
    const auto built = build(description_.codepoints, handover_.keyring(), packet);
    packets_.push_back({packets_.size() * 1'000'000 + 5'000'000,
                        false,
                        {built.octets.begin() + ethernet_octets, built.octets.end()},
                        comment});
  }

  Trace trace(const Keyring& keys, std::string_view role = "nr", bool described = false) const {
    return trace_of(
        {description_.codepoints, keys, role, packets_, described ? &description_ : nullptr});
  }

  RouterDescription description_ = built_in_description();
  Counters counters_;
  Handover handover_{description_, Role::nr, 1, 7, counters_};
  std::vector<TracedPacket> packets_;
};

TEST_F(LadderTest, RowsDescribeThePackets) {
  const auto found = trace(handover_.keyring());
  ASSERT_EQ(found.packets.size(), 3U);
  EXPECT_EQ(packet_line(found.packets[0]),
            "SHIN  R1  Naddr=2001:db8:20::1:1  Paddr=2001:db8:10::1:1  PR=2001:db8:1::1");
  EXPECT_EQ(packet_line(found.packets[1]),
            "AH 0x1002/1  SHREQ  id=7  R1  Naddr=2001:db8:20::1:1  Paddr=2001:db8:10::1:1");
  EXPECT_EQ(packet_line(found.packets[2]), "ESP 0x40000043/401  echo request");
  EXPECT_EQ(protection_text(found.packets[2]), "ESP 0x40000043");
  EXPECT_DOUBLE_EQ(found.packets[2].seconds, 0.002);
  EXPECT_TRUE(found.packets[2].decrypted);
}

TEST_F(LadderTest, RowsSayWhatCouldNotBeVerified) {
  auto& ah = packets_[1].datagram;
  ah[ipv6_header_octets + 12] ^= 1;  // the ICV
  const auto found = trace(description_.keyring());
  EXPECT_THAT(packet_line(found.packets[1]), HasSubstr("AH 0x1002/1 (wrong ICV)  SHREQ"));
  EXPECT_EQ(packet_line(found.packets[2]), "ESP 0x40000043/401 (no key)  encrypted ESP");
  EXPECT_EQ(protection_text(found.packets[2]), "ESP 0x40000043, no key");
  packets_ = {{0, false, {1, 2, 3}, ""}};
  EXPECT_EQ(packet_line(trace({}).packets.at(0)), "not an IP datagram");
}

TEST_F(LadderTest, TextHasALaneForEachParty) {
  EXPECT_EQ(
      ladder_text(trace(handover_.keyring()), packets_),
      "           mobile node       previous router   new router\n"
      "                                               (under test)\n"
      "   0.000 s |---------------------------------->|   SHIN  R1  Naddr=2001:db8:20::1:1  "
      "Paddr=2001:db8:10::1:1  PR=2001:db8:1::1\n"
      "   0.001 s |                 |<----------------|   AH 0x1002/1  SHREQ  id=7  R1  "
      "Naddr=2001:db8:20::1:1  Paddr=2001:db8:10::1:1\n"
      "           FAIL RELOC-4-7: secct.status\n"
      "   0.002 s |---------------->|                 |   ESP 0x40000043/401  echo request\n");
}

TEST_F(LadderTest, DescriptionNamesThePartiesThatNoMessageNames) {
  packets_.erase(packets_.begin(), packets_.begin() + 2);
  const auto without = trace(handover_.keyring());
  ASSERT_EQ(without.lanes.size(), 2U);
  EXPECT_EQ(without.lanes[0].label, "2001:db8:1::1");
  const auto with = trace(handover_.keyring(), "nr", true);
  ASSERT_EQ(with.lanes.size(), 2U);
  EXPECT_EQ(with.lanes[0].label, "mobile node");
  EXPECT_EQ(with.lanes[1].label, "previous router");
  EXPECT_FALSE(with.lanes[1].under_test);
  const auto pr = trace(handover_.keyring(), "pr", true);
  EXPECT_EQ(pr.lanes[1].label, "new router");
}

TEST_F(LadderTest, DiagramShowsTheSameRows) {
  const auto found = trace(handover_.keyring());
  const auto diagram = ladder_diagram(found, {false, true, false});
  ASSERT_EQ(diagram["lanes"].size(), 3U);
  EXPECT_EQ(diagram["lanes"][2]["label"], "new router (under test)");
  ASSERT_EQ(diagram["arrows"].size(), 3U);
  EXPECT_EQ(diagram["arrows"][1]["label"], "✗ SHREQ");
  EXPECT_EQ(diagram["arrows"][1]["detail"], "0.001 s, AH 0x00001002");
  EXPECT_TRUE(ladder_diagram(Trace(), {}).is_null());
}

}  // namespace
}  // namespace secct::replay
