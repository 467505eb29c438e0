// SPDX-License-Identifier: GPL-2.0-or-later
// A security context: what an (SPT, profile) pair says, as values. Made from a router description
// or from a tape, turned into a document node or into a usable SA.
#pragma once

#include <optional>
#include <vector>

#include "generator/namespace.hpp"
#include "ipsec/sa.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "protocol/encode/node.hpp"

namespace secct::generator {

struct Context {
  std::uint16_t spt = 0;
  std::uint8_t protocol = 0;  // transport protocol selector, 0 = any
  Address source{};
  Address destination{};
  std::optional<std::uint32_t> source_private_id;
  std::optional<std::uint32_t> destination_private_id;
  std::uint32_t spi = 0;
  std::uint32_t sequence = 0;
  std::uint32_t lifetime = 0;  // seconds, or megabytes when the SPT says so
  std::uint8_t window_size = 0;
  Octets window;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  Octets key;
  Octets iv;
  std::vector<Node> additional;      // nodes of Field::additional
  std::vector<Node> static_profile;  // nodes of Field::static_profile

  bool operator==(const Context& other) const;
};

// The contexts node for a packet document.
Node to_node(const Context& context);

// The (SPT, profile) pair of group item `group` (Field::contexts). Nothing for an unknown SPT or a
// profile that ends early.
std::optional<Context> read_context(const DecodedMessage& decoded, const DecodedField& group);
std::vector<Context> read_contexts(const DecodedMessage& decoded);

// Nothing for IPComp and unknown SPTs. ESP authentication comes from the additional data.
std::optional<Sa> to_sa(const Context& context);

ReplayWindow to_window(const Context& context);

}  // namespace secct::generator
