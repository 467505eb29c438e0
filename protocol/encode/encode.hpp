// SPDX-License-Identifier: GPL-2.0-or-later
// A tree of named fields to octets, and a tape back to such a tree.
#pragma once

#include <string>
#include <vector>

#include "protocol/decode/decoded_message.hpp"
#include "protocol/encode/node.hpp"
#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/layout.hpp"

namespace secct {

// Something in the tree that cannot be written at all: a field where the layout has no place for
// it, a number too large for its octets.
struct EncodeFault {
  Field field;
  std::string text;
};

struct Encoded {
  Octets octets;
  std::vector<EncodeFault> faults;  // empty: octets hold everything that the tree says
};

// Writes `message` (its children are the fields of wire-format sections 3 to 5 or 9) from its type
// octet on. Lengths, counts, padding, type numbers and zero reserved octets are computed unless
// written. The ICMPv6 checksum is left zero: it belongs to the layer below.
Encoded encode(const CodePoints& codepoints, Message message, Carrier carrier, const Node& tree);

// One entry of a list alone: an option, sub-option, context, additional data or preference of
// `message`; `spt` is that of the profile around the last two.
Encoded encode_group(const CodePoints& codepoints, Message message, const Node& group,
                     const Spt& spt);

// The tree that encodes to the octets of `decoded`: as few fields as give the same octets, falling
// back to written lengths and then to raw octets, group by group, where a message is malformed.
Node to_node(const CodePoints& codepoints, const DecodedMessage& decoded);

}  // namespace secct
