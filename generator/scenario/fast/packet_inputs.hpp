// SPDX-License-Identifier: GPL-2.0-or-later
// All that a packet of a scenario depends on besides the scenario and the router description.
#pragma once

#include "generator/description/mobile_nodes.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

struct PacketInputs {
  std::uint32_t router_number = 0;  // sequence number under the SA between the routers
  std::uint16_t identifier = 0;
  std::uint32_t recomputed_spi = 0;  // of the SA whose SPI is taken at the NR, if there is one
  MobileNode node;
};

// Its values behind one another; the first four octets are the router's number. Addresses have
// their last four octets there: what is before them is the description's.
void write_values(const PacketInputs& inputs, Octets& values);
// `values` as write_values() makes them of a subject with equally many SAs and keys. The addresses
// of the SAs stay.
void read_values(PacketInputs& inputs, View values);

}  // namespace secct::generator
