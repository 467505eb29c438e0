// SPDX-License-Identifier: GPL-2.0-or-later
// The packets of a scenario's steps as stencils: laid out once by way of documents, then filled in
// and sealed for each mobile node. The octets are those that build() would make.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "generator/namespace.hpp"
#include "generator/packet/seal.hpp"
#include "generator/scenario/fast/packet_inputs.hpp"
#include "generator/scenario/fast/packet_template.hpp"

namespace secct::generator {

class TemplateCache {
 public:
  // A step's packet for a subject, with the keys of all its SAs, in the same order for each
  // subject.
  using LayOut =
      std::function<UnsealedPacket(const PacketInputs& inputs, std::size_t step, Keyring& keys)>;

  // `inputs` says how many SAs and keys there are. Steps whose packets are not made of copies
  // alone, or have faults, have no stencil.
  TemplateCache(const MobileNodeFactory& nodes, const PacketInputs& inputs, std::size_t steps,
                const LayOut& lay_out);

  bool has(std::size_t step) const { return steps_[step].has_value(); }
  void drop(std::size_t step) { steps_[step].reset(); }

  // One mobile node: its values, and its keys set up.
  class Actor {
   public:
    explicit Actor(const TemplateCache& templates);
    void assign(const TemplateCache& templates, const PacketInputs& inputs);

   private:
    friend class TemplateCache;
    Octets values_;
    Hmac token_;
    Octets token_input_;  // of the token computed last: SHIN and SHREQ have the same
    Octets token_hmac_;
    std::vector<std::optional<KeyedSa>>
        sas_;  // as TemplateCache::sas_; the shared ones are not here
    Octets scratch_;
  };

  // The octets of a step's packet, which has a stencil, into `octets`.
  void build(std::size_t step, Actor& actor, std::uint32_t router_number, Octets& octets);

 private:
  struct Step {
    PacketTemplate packet;
    std::vector<Seal> seals;
    std::vector<PacketTemplate> inputs;  // of each seal that is a token
  };
  // Keys of an SA. Those that are the same for every mobile node are set up here.
  struct TemplateSa {
    Sa sa;  // its algorithms
    PacketTemplate auth_key;
    PacketTemplate cipher_key;
    std::optional<KeyedSa> shared;
  };

  std::optional<Step> learn(const ProbeValues& probes,
                            const std::array<UnsealedPacket, ProbeValues::count>& laid,
                            const std::array<Keyring, ProbeValues::count>& keys);
  std::optional<std::size_t> learn_sa(const ProbeValues& probes,
                                      const std::array<Keyring, ProbeValues::count>& keys,
                                      std::size_t place);

  std::vector<std::optional<Step>> steps_;
  std::vector<TemplateSa> sas_;
};

}  // namespace secct::generator
