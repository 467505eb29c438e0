// SPDX-License-Identifier: GPL-2.0-or-later
// Builds the packets of a scenario many times faster than from packet documents. The other headers
// of this folder are private to it.
//
// The packets of one step differ between mobile nodes in the values of PacketInputs and in what is
// computed over the octets: tokens, checksums, ICVs and ciphertext. The builder lays out the packet
// of a step a few times with probe values, learns from the results which octets are copies of which
// values (a packet template), and from then on copies the values of each mobile node into the
// template and seals the packet. The octets are those of build() for the same document.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "generator/description/router_description.hpp"
#include "generator/namespace.hpp"
#include "generator/packet/seal.hpp"

namespace secct::generator {

// The values that a packet of a scenario depends on, besides the scenario and the router
// description.
struct PacketInputs {
  std::uint32_t router_number = 0;  // sequence number under the SA between the routers
  std::uint16_t identifier = 0;
  std::uint32_t recomputed_spi = 0;  // SPI' of the SA whose SPI is already used at the NR
  MobileNode node;                   // in the role nr
};

struct PacketRequest {
  std::uint32_t step = 0;           // from 0
  std::uint32_t handover = 0;       // from 0: that of mobile node `handover` + 1
  std::uint32_t slot = 0;           // of the handover, see ScheduledPacket::slot
  std::uint32_t router_number = 0;  // PacketInputs::router_number
};

class PacketBuilder {
 public:
  // Sets `identifier` and `recomputed_spi`, which the mobile node `inputs.node` does not determine.
  using CompleteInputs = std::function<void(PacketInputs& inputs, std::uint32_t handover)>;
  // Returns the unsealed packet of a step, and in `keys` the keys of all SAs, in an order that does
  // not depend on `inputs`.
  using LayOut =
      std::function<UnsealedPacket(const PacketInputs& inputs, std::size_t step, Keyring& keys)>;

  virtual ~PacketBuilder() = default;

  // Returns the octets of a packet, valid until the next call. Consecutive packets with the same
  // slot are fastest if they belong to the same handover. `from_document` builds the same packet
  // from its document: it is called for steps without a template, and once for each step to verify
  // the template, which is dropped if the octets differ. Its exceptions pass through.
  virtual const Octets& build(const PacketRequest& request,
                              const std::function<Octets()>& from_document) = 0;

  // Whether build() uses a template for this step; false before the first build().
  virtual bool has_template(std::size_t step) const = 0;
};

// A builder for a scenario with `steps` steps. `description` must outlive it. The templates are
// learned during the first build().
std::unique_ptr<PacketBuilder> make_packet_builder(const RouterDescription& description,
                                                   std::size_t steps,
                                                   PacketBuilder::CompleteInputs complete_inputs,
                                                   PacketBuilder::LayOut lay_out);

}  // namespace secct::generator
