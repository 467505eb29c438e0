// SPDX-License-Identifier: GPL-2.0-or-later
// The variables of one handover in cases and in the malformed catalogue ("$paddr", "$spi1"): values
// that differ for each mobile node.
//
//   $naddr $paddr $nr $pr        addresses of the handover
//   $link-local                  address of the mobile node on the new link
//   $stranger                    a Paddr that no mobile node has
//   $ncoa-in-use                 an address of `ncoa_in_use` of the router description
//   $other-identifier            an Identifier that differs from that of the handover
//   $spis, $spi1 ...             SPIs of the transferable SAs: all, or one by its number from 1
//   $source1, $destination1 ...  the ends of these SAs
//   $kept-spi                    SPI of an SA that is not transferable
#pragma once

#include <string>
#include <vector>

#include "generator/document/edit_list.hpp"
#include "generator/handover/handover.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// The values of the variable `name` ("$spi1"): one, or several for a list. Empty if the variable is
// unknown or has no value in this handover.
std::vector<std::string> find_handover_variable(const Handover& handover, std::string_view name);

// The same as a function for edits: returns a text without '$' unchanged, and throws UsageError if
// a variable has no value. `handover` must outlive the function.
VariableResolver handover_variables(const Handover& handover);

}  // namespace secct::generator
