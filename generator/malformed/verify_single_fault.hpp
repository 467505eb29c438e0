// SPDX-License-Identifier: GPL-2.0-or-later
// Proof, before a malformed packet is sent, that it is wrong in one way and in no other.
#pragma once

#include <span>
#include <string>

#include "generator/malformed/catalogue.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// Empty when the packets differ from their twin in what the entry names and in nothing else
// (computed fields follow), the twin breaks no rule, and the decoder reports of the packets the
// rules that the entry names and no others. Else what is wrong, for a person.
std::string verify_single_fault(const Malformed& entry, const CodePoints& codepoints,
                                const Keyring& keys, const PacketDocument& twin,
                                std::span<const PacketDocument> packets);

}  // namespace secct::generator
