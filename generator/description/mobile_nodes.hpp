// SPDX-License-Identifier: GPL-2.0-or-later
// Mobile nodes of a router description, one after the other: what they have in common is made once.
#pragma once

#include "generator/description/router_description.hpp"
#include "generator/namespace.hpp"
#include "ipsec/crypto.hpp"

namespace secct::generator {

class MobileNodeFactory {
 public:
  // As RouterDescription::mobile_node(), of those that have RouterDescription::sas. `description`
  // must outlive this.
  MobileNodeFactory(const RouterDescription& description, Role role)
      : MobileNodeFactory(description, role, description.sas) {}
  // Of those that have `sas`, which must outlive this too.
  MobileNodeFactory(const RouterDescription& description, Role role,
                    const std::vector<SaPattern>& sas);

  // A mobile node without number, addresses, SPIs and keys: what renumber() begins with.
  MobileNode blank() const;
  // Makes `node`, whichever it was, mobile node `number`.
  void renumber(MobileNode& node, std::uint32_t number);
  // The addresses of its SAs, from those of the mobile node.
  void set_ends(MobileNode& node) const;

 private:
  void derive(std::uint32_t spi, Octets& key);

  const RouterDescription& description_;
  Role role_;
  Hmac token_key_;
  Hmac sa_key_;
  // The pattern of each SA, with repetitions.
  struct Row {
    const SaPattern* pattern;
    Spt spt;
  };
  std::vector<Row> rows_;
};

}  // namespace secct::generator
