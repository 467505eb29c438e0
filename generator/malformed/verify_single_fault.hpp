// SPDX-License-Identifier: GPL-2.0-or-later
// Verifies that a malformed packet has exactly the fault of its entry, before it is sent.
#pragma once

#include <span>
#include <string>

#include "generator/malformed/catalogue.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// Returns an empty text if the packets differ from `twin` only in what `entry` names and in
// computed fields, if the twin breaks no rule, and if the decoder reports exactly the rules
// `entry.rule` and `entry.also` for the packets. Otherwise the difference, for users.
std::string verify_single_fault(const Malformed& entry, const CodePoints& codepoints,
                                const Keyring& keys, const PacketDocument& twin,
                                std::span<const PacketDocument> packets);

}  // namespace secct::generator
