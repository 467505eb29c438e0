// SPDX-License-Identifier: GPL-2.0-or-later
// The keys of a router description, for commands that must not reveal them.
#pragma once

#include <cstdint>
#include <functional>
#include <set>

#include "generator/description/router_description.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// Calls `each` with every key that the description states: of the SAs between the routers,
// token_key and sa_key.
void for_each_key(const RouterDescription& description, const std::function<void(View)>& each);

// Calls `each` with the keys that are derived from token_key and sa_key for these mobile nodes:
// token keys and keys of their SAs (docs/cli.md, "Keys").
void for_each_derived_key(const RouterDescription& description,
                          const std::set<std::uint32_t>& mobile_nodes,
                          const std::function<void(View)>& each);

// Adds the numbers of the mobile nodes whose Paddr, Naddr or IPv4 care-of address occurs in these
// octets, at any position.
void find_mobile_nodes(const RouterDescription& description, View octets,
                       std::set<std::uint32_t>& numbers);

}  // namespace secct::generator
