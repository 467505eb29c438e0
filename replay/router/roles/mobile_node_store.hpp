// SPDX-License-Identifier: GPL-2.0-or-later
// The mobile nodes of a previous router and the current state of their SAs. Mobile nodes are
// computed from the router description; their SAs are loaded when the first packet arrives.
#pragma once

#include "replay/namespace.hpp"
#include "replay/router/core/core.hpp"

namespace secct::replay {

class MobileNodeStore {
 public:
  explicit MobileNodeStore(RouterCore& core) : core_(core) {}

  // Installs the SAs of the mobile node with this Paddr in the SADB. Does nothing if there is no
  // such mobile node or its SAs are installed already.
  void load_by_address(const Address& paddr);
  // The SAs of mobile node `number` with their current sequence numbers and windows.
  std::vector<MobileNodeSa> sas(std::uint32_t number) const;
  static Owner owner_of(const Address& paddr) { return {Role::pr, paddr}; }

 private:
  RouterCore& core_;
};

}  // namespace secct::replay
