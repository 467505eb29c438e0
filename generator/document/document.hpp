// SPDX-License-Identifier: GPL-2.0-or-later
// Packet documents: a packet as a list of layers with named fields. The builder
// (generator/packet/build.hpp) computes the fields that a document omits, and writes the fields
// that it contains unchanged.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "generator/document/capture_header.hpp"
#include "generator/namespace.hpp"
#include "ipsec/sa.hpp"
#include "network/header_fields.hpp"
#include "protocol/encode/node.hpp"
#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/messages.hpp"

namespace secct::generator {

struct HeaderValue {
  HeaderField field;
  std::variant<std::uint64_t, Octets, Shift> value;
};

// One option of a Hop-by-Hop or Destination Options header, or one extension of a Mobile IPv4
// message: either a SecCT message, or a type with data.
struct Element {
  std::optional<Node> message;
  std::uint8_t type = 0;
  std::optional<std::uint8_t> length;  // default: the size of `data`; Pad1 has no length octet
  Octets data;
};

struct Layer {
  LayerKind kind = LayerKind::data;
  std::vector<HeaderValue> fields;  // at most one value of each field
  std::vector<Element> elements;    // ICMPv6: at most one, which is a message

  const HeaderValue* find(HeaderField field) const;  // nullptr if the document omits the field
  // The value of a field; std::nullopt or nullptr if it is omitted or of another type.
  std::optional<std::uint64_t> number(HeaderField field) const;
  const Octets* octets(HeaderField field) const;
  std::optional<Shift> shift(HeaderField field) const;
  void set(HeaderField field, std::variant<std::uint64_t, Octets, Shift> value);
};

// The carrier of the SecCT messages in a layer; std::nullopt if the layer cannot contain any.
std::optional<Carrier> carrier_of(LayerKind kind);
// Whether a layer has a list of options or extensions (Layer::elements other than a message).
bool has_options(LayerKind kind);

struct PacketDocument {
  std::vector<std::string> comments;
  std::uint64_t time = 0;  // nanoseconds since 1970
  // The size of the packet on the wire, if it differs from that of the octets.
  std::optional<std::uint32_t> wire_octets;
  std::optional<LinkType> link;  // if it differs from that of the document
  std::uint32_t interface = 0;   // index in Document::interfaces, unless that is empty
  std::vector<Layer> layers;     // outermost first

  const std::string& comment() const;  // the first one, or an empty text
  void set_comment(std::string text);  // replaces all comments; an empty text is none

  Layer* find(LayerKind kind);  // the outermost layer of this kind, or nullptr
  const Layer* find(LayerKind kind) const;
  Node* message();  // the first SecCT message, or nullptr
  const Node* message() const;
};

struct Document {
  LinkType link = LinkType::ethernet;
  std::vector<PacketDocument> packets;
  std::vector<CaptureOption> section;  // of a capture file
  // The interfaces of a capture file. If empty, it has one for each link layer of the packets.
  std::vector<CaptureInterface> interfaces;
};

// One interface with the default properties for each link layer: that of the document first, then
// those of the packets in their order.
std::vector<CaptureInterface> default_interfaces(const Document& document);
// The index in default_interfaces() of the interface of a packet.
std::uint32_t default_interface(const Document& document, const PacketDocument& packet,
                                const std::vector<CaptureInterface>& interfaces);

// The keys for ICVs, encryption and authentication tokens.
struct Keyring {
  std::vector<Sa> sas;
  // The key of the mobile node with this Paddr; may be empty.
  std::function<std::optional<Octets>(const Address& paddr)> token_key;

  // The SA of a packet to `destination`. Prefers an SA with this destination or an unspecified one
  // to other SAs with the same protocol and SPI. nullptr if there is none.
  const Sa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& destination) const;
};

}  // namespace secct::generator
