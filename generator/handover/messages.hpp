// SPDX-License-Identifier: GPL-2.0-or-later
// The parts that SecCT messages are put together from, as document nodes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generator/description/context.hpp"
#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {

// A message: its number and its other fields.
Node message_node(Message message, std::vector<Node> fields = {});

// Sub-options. AuthPrtr without a token gets one when the packet is built.
Node auth_node(const CodePoints& codepoints, std::uint8_t replay,
               std::optional<std::uint32_t> token = {});
Node req_r1_node(const CodePoints& codepoints);
Node stat_node(const CodePoints& codepoints, std::uint8_t status, std::string_view reason = {});
Node ack_node(const CodePoints& codepoints, std::uint32_t spi, std::uint8_t changed);
// As few SecCT-rep as hold the contexts, in order; each has at most 255 octets.
std::vector<Node> rep_nodes(const CodePoints& codepoints, const std::vector<Context>& contexts);

// ICMP options.
Node address_option(const CodePoints& codepoints, std::uint8_t subtype, const Address& address);
Node lla_option(const CodePoints& codepoints, std::uint8_t subtype, View lla);
Node context_option(const CodePoints& codepoints, CodePoint type, const Address& naddr,
                    const Address& paddr, std::vector<Node> sub_options);

// The contexts in parts that each fit one option together with `others` octets of sub-options
// (wire-format 4: 2,040 octets); one empty part when there is none.
std::vector<std::vector<Context>> split_contexts(const CodePoints& codepoints,
                                                 const std::vector<Context>& contexts,
                                                 std::size_t others);

// A packet: link layer, IP header, and what `layers` holds. Between IPv4-mapped addresses it is
// IPv4.
PacketDocument ip_packet(const Address& source, const Address& destination,
                         std::vector<Layer> layers);
Layer ah_layer(std::uint32_t spi, std::uint32_t sequence);
Layer esp_layer(std::uint32_t spi, std::uint32_t sequence);
Layer icmpv6_layer(Node message);
Layer dstopts_layer(Node message);
// AH or ESP as the SA says; in tunnel mode an inner IPv6 header with these ends follows.
std::vector<Layer> envelope_layers(const Sa& sa, std::uint32_t sequence, const Address& source,
                                   const Address& destination);

}  // namespace secct::generator
