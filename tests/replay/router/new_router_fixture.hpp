// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/replay/router/router_fixture.hpp"

namespace secct::replay {

// A new router, and what a test needs to transfer SAs to it and to use them.
class NewRouterFixture : public RouterFixture {
 protected:
  explicit NewRouterFixture(RouterDescription description = built_in_description(),
                            Limits limits = {})
      : RouterFixture(Role::nr, std::move(description), limits) {}

  void transfer(Time now = 0) {
    deliver(handover_.shin(1), now);
    ASSERT_EQ(sent(), Names{"shreq"});
    handover_.set_reply_identifier(
        static_cast<std::uint16_t>(*last().decoded.number(Field::identifier)));
    deliver(handover_.shrep(), now + milliseconds(1));
    ASSERT_EQ(sent(), (Names{"shrep-ack", "shak"}));
  }

  // Under the mobile node's second SA, AH towards the router.
  PacketDocument under_ah(std::uint32_t sequence, std::vector<Layer> upper) {
    const auto& mn = handover_.mobile_node();
    std::vector<Layer> layers{ah_layer(mn.sas[1].context.spi, sequence)};
    for (auto& layer : upper) layers.push_back(std::move(layer));
    return ip_packet(mn.naddr, description_.mn_address, std::move(layers));
  }
  static Layer data(Octets octets) {
    Layer layer{.kind = LayerKind::data, .fields = {}, .elements = {}};
    layer.set(HeaderField::data_octets, std::move(octets));
    return layer;
  }
  static std::vector<Layer> udp(std::uint16_t port) {
    Layer layer{.kind = LayerKind::udp, .fields = {}, .elements = {}};
    layer.set(HeaderField::udp_srcport, std::uint64_t{4000});
    layer.set(HeaderField::udp_dstport, std::uint64_t{port});
    return {std::move(layer), data({1, 2, 3})};
  }
};

}  // namespace secct::replay
