// SPDX-License-Identifier: GPL-2.0-or-later
// A reference router and the messages of one mobile node to it.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "generator/handover/handover.hpp"
#include "generator/packet/build.hpp"
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
        inspector_(description_.codepoints) {}

  Octets datagram(const PacketDocument& packet) {
    const auto built = build(description_.codepoints, keys_, packet);
    EXPECT_TRUE(built.faults.empty()) << built.faults[0].text;
    return {built.octets.begin() + ethernet_octets, built.octets.end()};
  }
  void deliver(const PacketDocument& packet, Time now) { router_.receive(datagram(packet), now); }

  // The names of the messages that the router sent since the last call. They must not violate a
  // rule.
  Names sent() {
    Names names;
    for (const auto& octets : router_.take()) {
      auto& received = received_.emplace_back();
      inspector_.inspect(octets, keys_, received);
      EXPECT_TRUE(received.broken.empty()) << received.broken[0].reason();
      names.push_back(received.name());
    }
    return names;
  }

  // The message of a packet as the router decodes it; valid as long as the fixture.
  const DecodedMessage& decoded(const PacketDocument& packet) {
    auto& received = received_.emplace_back();
    inspector_.inspect(datagram(packet), keys_, received);
    return received.decoded;
  }

  const ReceivedPacket& last() const { return received_.back(); }
  std::uint64_t status() const { return last().decoded.number(Field::status).value_or(0); }

  RouterDescription description_;
  Role role_;
  Router router_;
  Counters counters_;
  Handover handover_;
  Keyring keys_;
  PacketInspector inspector_;
  std::deque<ReceivedPacket> received_;
};

}  // namespace secct::replay
