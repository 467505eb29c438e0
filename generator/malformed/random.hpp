// SPDX-License-Identifier: GPL-2.0-or-later
// Malformed packets at random: changes of named fields and entries, so that the packets get past
// the first checks. Every packet follows from a seed and its number alone.
#pragma once

#include "generator/malformed/inject.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// One to three changes of a valid packet. Named "random:SEED:NUMBER", without a rule: nobody knows
// what the decoder will say.
Malformed random_malformed(const CodePoints& codepoints, const Keyring& keys,
                           const PacketDocument& packet, std::uint64_t seed, std::uint64_t number);

// Number `first` for mobile node 1, and so on; for each one of the messages of its handover.
PickMalformed pick_random(const RouterDescription& description,
                          const std::set<std::string>& messages, std::uint64_t seed,
                          std::uint64_t first);

}  // namespace secct::generator
