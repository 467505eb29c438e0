// SPDX-License-Identifier: GPL-2.0-or-later
// The state of the tester in one handover, and the packets that it sends and receives.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "generator/document/edit.hpp"
#include "generator/packet/build.hpp"
#include "replay/tester/case/case_variables.hpp"

namespace secct::replay {

class TesterFixture : public testing::Test {
 protected:
  // `role` is that of the router under test.
  explicit TesterFixture(Role role = Role::nr,
                         RouterDescription description = built_in_description())
      : description_(std::move(description)),
        handover_(description_, role, 1, 1, counters_),
        mobile_node_(handover_) {}

  VariableContext variables() const { return {handover_, mobile_node_, state_}; }

  Octets datagram(const PacketDocument& packet) const {
    const auto built = build(description_.codepoints, mobile_node_.keys(), packet);
    EXPECT_TRUE(built.faults.empty()) << built.faults[0].path << ": " << built.faults[0].text;
    return {built.octets.begin() + ethernet_octets, built.octets.end()};
  }

  void record_sent(const std::string& message, const PacketDocument& packet) {
    state_.record_sent(message, datagram(packet), description_.codepoints, mobile_node_);
  }

  // The packet as the tester receives it.
  std::unique_ptr<ReceivedPacket> received(const PacketDocument& packet) const {
    auto result = std::make_unique<ReceivedPacket>();
    PacketInspector(description_.codepoints)
        .inspect(datagram(packet), mobile_node_.keys(), *result);
    return result;
  }

  struct FieldValue {
    const char* path;
    std::string value;
  };
  // The packet with other values in some fields.
  PacketDocument edited(PacketDocument packet, std::initializer_list<FieldValue> fields) const {
    for (const auto& [path, value] : fields) {
      set_field(description_.codepoints, packet, path, value);
    }
    return packet;
  }

  RouterDescription description_;
  Counters counters_;
  Handover handover_;
  MobileNodeState mobile_node_;
  CaseState state_;
};

}  // namespace secct::replay
