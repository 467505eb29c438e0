// SPDX-License-Identifier: GPL-2.0-or-later
// The values of PacketInputs as one octet string, from which packet templates copy.
#pragma once

#include "generator/namespace.hpp"
#include "generator/scenario/fast/packet_builder.hpp"

namespace secct::generator {

// Replaces `values` by all values of `inputs`, big-endian: first router_number (4 octets). Of an
// address only the last 4 octets are included: its prefix is that of the router description.
void write_values(const PacketInputs& inputs, Octets& values);

// The reverse. `inputs` must have as many SAs, with keys of the same lengths, as the inputs of
// write_values(). Does not set the addresses of the SAs.
void read_values(PacketInputs& inputs, View values);

}  // namespace secct::generator
