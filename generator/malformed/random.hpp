// SPDX-License-Identifier: GPL-2.0-or-later
// Random malformed packets: random edits of fields and entries, so that the packets pass the first
// checks of a receiver. Seed and number determine a packet.
#pragma once

#include "generator/malformed/inject.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// One to three random edits of a valid packet, with the name "random:SEED:NUMBER". The entry has no
// rule: the effect of the edits is not known.
Malformed random_malformed(const CodePoints& codepoints, const Keyring& keys,
                           const PacketDocument& packet, std::uint64_t seed, std::uint64_t number);

// Random packet `first` for mobile node 1, the next one for mobile node 2, and so on. The seed also
// selects which of `messages` of a handover is changed. `description` must outlive the function.
PickMalformed pick_random(const RouterDescription& description,
                          const std::set<std::string>& messages, std::uint64_t seed,
                          std::uint64_t first);

}  // namespace secct::generator
