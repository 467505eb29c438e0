// SPDX-License-Identifier: GPL-2.0-or-later
// The keys of a router description, for commands that must not reveal them.
#pragma once

#include <functional>

#include "generator/description/router_description.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// Calls `each` with every key of the description: of the SAs between the routers, token_key and
// sa_key, and those derived from both: token keys and keys of the SAs of the mobile nodes
// (docs/cli.md, "Keys"). Derived keys of the first `most_nodes` mobile nodes only. Returns the
// number of mobile nodes whose keys were left out.
std::uint32_t for_each_key(const RouterDescription& description, std::uint32_t most_nodes,
                           const std::function<void(View)>& each);

// Calls `each` with the derived keys of the mobile node with this Paddr, Naddr or IPv4 care-of
// address; not at all if it is an address of none.
void for_each_key_of(const RouterDescription& description, const Address& address,
                     const std::function<void(View)>& each);

}  // namespace secct::generator
