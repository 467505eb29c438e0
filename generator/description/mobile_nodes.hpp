// SPDX-License-Identifier: GPL-2.0-or-later
// Mobile nodes of a router description, one after the other: what they have in common is made once.
#pragma once

#include "ipsec/crypto.hpp"
#include "generator/description/router_description.hpp"

namespace secct {

class NodeMaker {
 public:
  // As Lab::mobile_node(), of those that have Lab::sas. `lab` must outlive this.
  NodeMaker(const Lab& lab, Role role) : NodeMaker(lab, role, lab.sas) {}
  // Of those that have `sas`, which must outlive this too.
  NodeMaker(const Lab& lab, Role role, const std::vector<SaPattern>& sas);

  // A mobile node without number, addresses, SPIs and keys: what renumber() begins with.
  MobileNode blank() const;
  // Makes `node`, whichever it was, mobile node `number`.
  void renumber(MobileNode& node, std::uint32_t number);
  // The addresses of its SAs, from those of the mobile node.
  void set_ends(MobileNode& node) const;

 private:
  void derive(std::uint32_t spi, Octets& key);

  const Lab& lab_;
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

}  // namespace secct
