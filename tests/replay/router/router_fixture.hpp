// SPDX-License-Identifier: GPL-2.0-or-later
// A reference router and one mobile node that it meets.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "generator/handover/handover.hpp"
#include "replay/inspect/received_packet.hpp"
#include "replay/router/router.hpp"

namespace secct::replay {

class RouterFixture : public testing::Test {
 protected:
  using Names = std::vector<std::string>;

  explicit RouterFixture(Role role = Role::nr,
                         RouterDescription description = built_in_description(), Limits limits = {})
      : description_(std::move(description)),
        role_(role),
        router_(description_, std::span(&role_, 1), {}, limits),
        handover_(description_, role, 1, 1, counters_),
        keys_(handover_.keyring()),
        observer_(description_.codepoints) {}

  Octets datagram(const PacketDocument& packet) {
    const auto built = build(description_.codepoints, keys_, packet);
    EXPECT_TRUE(built.faults.empty()) << built.faults[0].text;
    return {built.octets.begin() + ethernet_octets, built.octets.end()};
  }
  void give(const PacketDocument& packet, Time now) { router_.receive(datagram(packet), now); }

  // What the router sent since, by name.
  Names sent() {
    Names names;
    for (const auto& octets : router_.take()) {
      auto& seen = seen_.emplace_back();
      observer_.observe(octets, keys_, seen);
      EXPECT_TRUE(seen.broken.empty()) << seen.broken[0].reason();
      names.push_back(seen.name());
    }
    return names;
  }

  const ReceivedPacket& last() const { return seen_.back(); }
  std::uint64_t status() const { return last().decoded.number(Field::status).value_or(0); }

  RouterDescription description_;
  Role role_;
  Router router_;
  Counters counters_;
  Handover handover_;
  Keyring keys_;
  PacketInspector observer_;
  std::deque<ReceivedPacket> seen_;
};

}  // namespace secct::replay
