// SPDX-License-Identifier: GPL-2.0-or-later
// A security context: the values of one (SPT, profile) pair (wire-format.md section 7). It comes
// from a router description or from a decoded message, and can be converted to a node of a packet
// document, to an SA that protects packets, or to a replay window.
#pragma once

#include <optional>
#include <vector>

#include "ipsec/namespace.hpp"
#include "ipsec/relocation.hpp"
#include "ipsec/replay_window.hpp"
#include "ipsec/sa.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "protocol/encode/node.hpp"

namespace secct::ipsec {

struct Context {
  std::uint16_t spt = 0;
  std::uint8_t protocol = 0;  // transport protocol selector, 0 = any
  Address source{};
  Address destination{};
  std::optional<std::uint32_t> source_private_id;
  std::optional<std::uint32_t> destination_private_id;
  std::uint32_t spi = 0;
  std::uint32_t sequence = 0;
  std::uint32_t lifetime = 0;    // seconds, or megabytes, depending on the SPT
  std::uint8_t window_size = 0;  // packets, which is also the number of bits in `window`
  Octets window;                 // empty: not transferred
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  Octets key;
  Octets iv;
  std::vector<Node> additional;      // nodes of Field::additional
  std::vector<Node> static_profile;  // nodes of Field::static_profile

  bool operator==(const Context& other) const;
};

// The type number of a node of Field::additional or Field::static_profile; 0 if it has none.
std::uint64_t data_type(const Node& data);
// True for a selector, false for a transform (wire-format.md 7.3).
inline bool is_selector(const Node& data) { return data_type(data) >= first_selector; }

// The node Field::contexts for a packet document. An unknown SPT gets IPv6 addresses.
Node to_node(const Context& context);

// The pair that `group`, a field Field::contexts of `decoded`, contains. std::nullopt if the SPT is
// unknown or the profile is truncated.
std::optional<Context> read_context(const DecodedMessage& decoded, const DecodedField& group);
// All pairs of a message that read_context() can read, in order.
std::vector<Context> read_contexts(const DecodedMessage& decoded);

// The SA that the context describes. For ESP, algorithm and key of the authentication come from the
// additional security data. std::nullopt for IPComp and for an unknown SPT.
std::optional<Sa> to_sa(const Context& context);

// The context with its ends relocated, as the NR installs it (behaviour.md 2.7).
Context relocated(Context context, const Relocation& relocation);

// The replay window of the context; window_size 0 becomes 64.
ReplayWindow to_window(const Context& context);

}  // namespace secct::ipsec
