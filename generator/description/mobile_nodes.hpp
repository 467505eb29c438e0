// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the mobile nodes of a router description one after another. Many times faster than
// RouterDescription::mobile_node(), because it reuses the node and sets up the keys only once.
#pragma once

#include "generator/description/router_description.hpp"
#include "generator/namespace.hpp"
#include "ipsec/crypto.hpp"

namespace secct::generator {

class MobileNodeFactory {
 public:
  // For the mobile nodes with the SAs `description.sas`. `description` must outlive the factory.
  MobileNodeFactory(const RouterDescription& description, Role role)
      : MobileNodeFactory(description, role, description.sas) {}
  // For mobile nodes with the SAs `sas`, which must outlive the factory too.
  MobileNodeFactory(const RouterDescription& description, Role role,
                    const std::vector<SaPattern>& sas);

  // A mobile node that has its SAs, but no number, addresses, SPIs and keys yet.
  MobileNode blank() const;
  // Turns `node`, which blank() made, into mobile node `number` (from 1), whatever its number was.
  void renumber(MobileNode& node, std::uint32_t number);
  // Sets source and destination of all SAs from the addresses of `node` (docs/cli.md, "Ends of an
  // SA").
  void set_ends(MobileNode& node) const;

 private:
  void derive_key(std::uint32_t spi, Octets& key);

  const RouterDescription& description_;
  Role role_;
  Hmac token_key_;
  Hmac sa_key_;
  struct PatternOfSa {
    const SaPattern* pattern;
    Spt spt;
  };
  std::vector<PatternOfSa> patterns_;  // one per SA: `repeat` is expanded
};

}  // namespace secct::generator
