// SPDX-License-Identifier: GPL-2.0-or-later
// Converts the octets of a packet to a packet document, the inverse of build().
#pragma once

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// Returns a document that build() converts to exactly these octets again, whatever they are. Fields
// with the value that build() computes are omitted, and so are tokens and ICVs whose key is in
// `keys`. ESP is decrypted if its key is in `keys`, otherwise it is written as octets. Octets that
// do not fit into a layer are a layer `data`.
PacketDocument parse_to_document(const CodePoints& codepoints, const Keyring& keys, LinkType link,
                                 View octets);

}  // namespace secct::generator
