// SPDX-License-Identifier: GPL-2.0-or-later
// Packet documents: packets as lists of layers with named fields. What a document leaves out is
// computed when the packet is built; what it says is written as it stands.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "generator/namespace.hpp"
#include "ipsec/sa.hpp"
#include "network/header_fields.hpp"
#include "protocol/encode/node.hpp"
#include "protocol/tables/codepoints.hpp"

namespace secct::generator {

struct HeaderValue {
  HeaderField field;
  std::variant<std::uint64_t, Octets, Shift> value;
};

// One option of a destination options header or extension of a Mobile IPv4 message: a SecCT
// message, or octets under a type.
struct Element {
  std::optional<Node> message;
  std::uint8_t type = 0;
  std::optional<std::uint8_t> length;  // left out: octets of data; Pad1 has none
  Octets data;
};

struct Layer {
  LayerKind kind = LayerKind::data;
  std::vector<HeaderValue> fields;
  std::vector<Element> elements;  // icmpv6: at most one, a message

  const HeaderValue* find(HeaderField field) const;
  std::optional<std::uint64_t> number(HeaderField field) const;
  const Octets* octets(HeaderField field) const;
  std::optional<Shift> shift(HeaderField field) const;
  void set(HeaderField field, std::variant<std::uint64_t, Octets, Shift> value);
};

struct PacketDocument {
  std::string comment;
  std::uint64_t time = 0;  // nanoseconds
  // Octets on the wire, of a packet that the capture cut; 0 = as many as there are.
  std::uint32_t wire_octets = 0;
  std::optional<LinkType> link;  // where it is not that of the document
  std::vector<Layer> layers;

  Layer* find(LayerKind kind);
  const Layer* find(LayerKind kind) const;
  // The first SecCT message of the packet, or nullptr.
  Node* message();
  const Node* message() const;
};

// What is needed to compute ICVs, to encrypt and to compute tokens.
struct Keyring {
  std::vector<Sa> sas;
  std::function<std::optional<Octets>(const Address& paddr)> token_key;

  // The SA of a packet to `destination`: one that ends there (or anywhere: unspecified), else any
  // with this protocol and SPI.
  const Sa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& destination) const;
};

struct Document {
  LinkType link = LinkType::ethernet;
  std::vector<PacketDocument> packets;
};

struct BuildFault {
  std::string path;  // "layers[2].secct.sa.spi"
  std::string text;
};

struct Built {
  Octets octets;
  std::vector<BuildFault> faults;
};

// The octets of one packet. Faults are what could not be written or computed.
Built build(const CodePoints& codepoints, const Keyring& keys, const PacketDocument& packet);

// The document of one packet: builds to the same octets again, and says no more than that needs.
// Without keys ICVs are written out and ESP stays closed.
PacketDocument parse_to_document(const CodePoints& codepoints, const Keyring& keys, LinkType link,
                                 View octets);

}  // namespace secct::generator
