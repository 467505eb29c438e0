// SPDX-License-Identifier: GPL-2.0-or-later
// The packet templates of a scenario, one for each step, and the keys that seal their packets.
#pragma once

#include <optional>
#include <vector>

#include "generator/description/mobile_nodes.hpp"
#include "generator/namespace.hpp"
#include "generator/packet/seal.hpp"
#include "generator/scenario/fast/packet_builder.hpp"
#include "generator/scenario/fast/packet_template.hpp"

namespace secct::generator {

class TemplateCache {
 public:
  // Learns the templates of all steps. `inputs` gives the number of SAs and the lengths of keys. A
  // step gets no template if its packet has faults or contains more than constants and copies.
  TemplateCache(const MobileNodeFactory& nodes, const PacketInputs& inputs, std::size_t steps,
                const PacketBuilder::LayOut& lay_out);

  bool has(std::size_t step) const { return steps_[step].has_value(); }
  void drop(std::size_t step) { steps_[step].reset(); }

  // The values of one mobile node, and its keys, which are expensive to set up.
  class NodeState {
   public:
    explicit NodeState(const TemplateCache& templates);
    // Makes this the state of the mobile node `inputs.node`.
    void assign(const TemplateCache& templates, const PacketInputs& inputs);

   private:
    friend class TemplateCache;
    Octets values_;
    Hmac token_;
    Octets token_input_;  // of token_hmac_, which SHIN and SHREQ share
    Octets token_hmac_;
    std::vector<std::optional<KeyedSa>> sas_;  // as TemplateCache::sas_, without the shared ones
    Octets scratch_;
  };

  // Writes the packet of a step that has a template to `octets`.
  void build(std::size_t step, NodeState& state, std::uint32_t router_number, Octets& octets);

 private:
  struct Step {
    PacketTemplate packet;
    std::vector<Seal> seals;
    std::vector<PacketTemplate> inputs;  // Seal::input of each seal that is a token
  };
  struct TemplateSa {
    Sa sa;  // algorithms
    PacketTemplate auth_key;
    PacketTemplate cipher_key;
    std::optional<KeyedSa> shared;  // if all mobile nodes have the same keys
  };

  std::optional<Step> learn(const ProbeValues& probes,
                            const std::array<UnsealedPacket, ProbeValues::count>& laid_out,
                            const std::array<Keyring, ProbeValues::count>& keys);
  std::optional<std::size_t> learn_sa(const ProbeValues& probes,
                                      const std::array<Keyring, ProbeValues::count>& keys,
                                      std::size_t index);

  std::vector<std::optional<Step>> steps_;
  std::vector<TemplateSa> sas_;
};

}  // namespace secct::generator
