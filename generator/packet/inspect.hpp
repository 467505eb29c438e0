// SPDX-License-Identifier: GPL-2.0-or-later
// What the decoder reports about a whole packet: AH and ESP opened where keys are known, every
// SecCT message judged.
#pragma once

#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {

struct Inspected {
  Message message = Message::none;  // the first one
  std::size_t message_octets = 0;   // of that
  std::vector<Rule> rules;          // that are broken, each once, in the order of the octets
};

Inspected inspect(const CodePoints& codepoints, const Keyring& keys, LinkType link, View octets);

}  // namespace secct::generator
