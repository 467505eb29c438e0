// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the SecCT messages of a packet and the decoder's rules that they break.
#pragma once

#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {

struct Inspected {
  Message message = Message::none;  // the first message
  std::size_t message_octets = 0;   // its size
  std::vector<Rule> rules;          // broken rules, each once, in the order of the octets
};

// `octets` is a whole packet with its link layer. Reads all that FrameWalker reads, and ESP whose
// key is in `keys`. Fragments are not reassembled; messages that ICMP errors quote are ignored.
Inspected inspect(const CodePoints& codepoints, const Keyring& keys, LinkType link, View octets);

}  // namespace secct::generator
