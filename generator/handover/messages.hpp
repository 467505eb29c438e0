// SPDX-License-Identifier: GPL-2.0-or-later
// The components of SecCT messages as nodes of packet documents: messages, options, sub-options,
// and the layers below them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "ipsec/context.hpp"
#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {

// The node of a message with these fields.
Node message_node(Message message, std::vector<Node> fields = {});

// Sub-options. Without `token`, the token of AuthPrtr is computed when the packet is built.
Node auth_node(const CodePoints& codepoints, std::uint8_t replay,
               std::optional<std::uint32_t> token = {});
Node req_r1_node(const CodePoints& codepoints);
Node stat_node(const CodePoints& codepoints, std::uint8_t status, std::string_view reason = {});
Node ack_node(const CodePoints& codepoints, std::uint32_t spi, std::uint8_t changed);
// The contexts, in order, in as few SecCT-rep as possible; each has at most 255 octets.
std::vector<Node> rep_nodes(const CodePoints& codepoints, const std::vector<Context>& contexts);

// The octets of the SecCT-reps of rep_nodes().
std::size_t rep_octets(const CodePoints& codepoints, const std::vector<Context>& contexts);

// ICMP options.
Node address_option(const CodePoints& codepoints, std::uint8_t subtype, const Address& address);
Node lla_option(const CodePoints& codepoints, std::uint8_t subtype, View lla);
Node context_option(const CodePoints& codepoints, CodePoint type, const Address& naddr,
                    const Address& paddr, std::vector<Node> sub_options);

// Splits the contexts into parts that fit into one option of at most 2,040 octets (wire-format.md
// section 4), together with `others` octets of other sub-options. No contexts: one empty part.
std::vector<std::vector<Context>> split_contexts(const CodePoints& codepoints,
                                                 const std::vector<Context>& contexts,
                                                 std::size_t others);

// Splits the sub-options of a SHAK into parts that fit into one destination option of at most 255
// octets each, in order: the first one is in the first part (wire-format.md D24). At least one
// part.
std::vector<std::vector<Node>> split_shak(const CodePoints& codepoints,
                                          const std::vector<Node>& sub_options);

// A packet: Ethernet, IP and `layers`. It is IPv4 if both addresses are IPv4-mapped.
PacketDocument ip_packet(const Address& source, const Address& destination,
                         std::vector<Layer> layers);
Layer ah_layer(std::uint32_t spi, std::uint32_t sequence);
Layer esp_layer(std::uint32_t spi, std::uint32_t sequence);
Layer icmpv6_layer(Node message);
Layer dstopts_layer(Node message);
// The AH or ESP header of an SA; in tunnel mode also an inner IP header with these addresses.
std::vector<Layer> envelope_layers(const Sa& sa, std::uint32_t sequence, const Address& source,
                                   const Address& destination);

}  // namespace secct::generator
