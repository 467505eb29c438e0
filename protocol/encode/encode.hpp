// SPDX-License-Identifier: GPL-2.0-or-later
// Encodes a tree of named fields, and converts a decoded message back to such a tree.
//
//   const Node shreq(Field::message, {Node(Field::identifier, 7)});
//   const auto encoded = encode(codepoints, Message::shreq, shreq);
#pragma once

#include <string>
#include <vector>

#include "protocol/decode/decoded_message.hpp"
#include "protocol/encode/node.hpp"
#include "protocol/tables/codepoints.hpp"

namespace secct {

// A field that cannot be encoded: it has no place in its structure, or its value does not fit.
struct EncodeFault {
  Field field;
  std::string text;
};

struct Encoded {
  Octets octets;
  std::vector<EncodeFault> faults;  // empty: `octets` contains everything in the tree
};

// Encodes a message from its type octet on. `tree` has the fields of wire-format sections 3 to 5 or
// 9 as children. Lengths, counts, padding, type numbers and reserved octets that the tree does not
// give are computed. The ICMPv6 checksum is left zero: it belongs to the layer below.
// Precondition: `message` is not Message::none.
Encoded encode(const CodePoints& codepoints, Message message, const Node& tree);

// Encodes one entry of a list: an option, sub-option, context, additional data or preference of
// `message`. `spt` is that of the profile that contains additional data or preferences.
// Precondition: `message` is not Message::none.
Encoded encode_group(const CodePoints& codepoints, Message message, const Node& group,
                     const Spt& spt);

// The tree that encodes to decoded.octets, with as few fields as possible. Where a message is
// malformed, the tree gives lengths, or all octets of a group as raw octets.
// Precondition: decoded.message is not Message::none.
Node to_node(const CodePoints& codepoints, const DecodedMessage& decoded);

}  // namespace secct
