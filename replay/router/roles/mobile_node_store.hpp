// SPDX-License-Identifier: GPL-2.0-or-later
// The mobile nodes that a previous router knows, with their SAs as they stand now.
#pragma once

#include "replay/namespace.hpp"
#include "replay/router/core/core.hpp"

namespace secct::replay {

class MobileNodeStore {
 public:
  explicit MobileNodeStore(Core& core) : core_(core) {}

  // Puts the SAs of the mobile node with this Paddr into the SADB, if there is one.
  void load_by_address(const Address& paddr);
  // With sequence numbers and windows as traffic has left them.
  std::vector<MobileNodeSa> sas(std::uint32_t number) const;
  static Owner owner_of(const Address& paddr) { return {Role::pr, paddr}; }

 private:
  Core& core_;
};

}  // namespace secct::replay
