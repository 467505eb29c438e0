// SPDX-License-Identifier: GPL-2.0-or-later
// Words that stand for the values of one handover, in cases and in the malformed catalogue: what is
// different for each mobile node.
#pragma once

#include <string>
#include <vector>

#include "generator/document/edit_list.hpp"
#include "generator/handover/handover.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// The value of a word, several for a list; nothing for a word that is none of these:
//   $naddr $paddr $nr $pr        addresses of the handover
//   $link-local                  of the mobile node on the new link
//   $stranger                    a Paddr that no mobile node has
//   $ncoa-in-use                 an address that the description says is taken
//   $other-identifier            not the handover's
//   $spis, $spi1 ...             SPIs of the SAs that may be transferred, in order
//   $source1, $destination1 ...  the ends of those SAs
//   $kept-spi                    SPI of an SA that may not be transferred
std::vector<std::string> handover_values(const Handover& handover, std::string_view word);

// The same as a function; a text without '$' stands for itself, an unknown word is a UsageError.
VariableResolver handover_variables(const Handover& handover);

}  // namespace secct::generator
