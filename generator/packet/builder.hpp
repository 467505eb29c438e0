// SPDX-License-Identifier: GPL-2.0-or-later
// Internal to build(): lays out the layers of a document (seal.hpp), from the innermost one
// outwards. builder.cpp has the link layer, IP and extension headers, builder_upper.cpp the upper
// layers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "generator/packet/seal.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {

class Builder {
 public:
  Builder(const CodePoints& codepoints, const Keyring& keys, const PacketDocument& packet)
      : codepoints_(codepoints), keys_(keys), packet_(packet) {}

  UnsealedPacket run();

 private:
  // Of the IP header that contains a layer.
  struct Endpoints {
    Address source{};
    Address destination{};
    bool v4 = false;
  };

  // A layer and all layers inside it. Offsets of seals count from the start of the part. The seal
  // of an AH is incomplete until the IP header that contains it is built.
  struct Part {
    Octets octets;
    std::vector<Seal> seals;  // innermost first
  };

  void fault(std::size_t layer, std::string_view name, std::string text);
  // The part of layer `i`, the index in the document; empty after the last layer.
  Part from(std::size_t i, const Endpoints& ends);
  // The same if layer i - 1 separates it from the IP header: an AH in it cannot have an ICV.
  Part without_open_ah(std::size_t i, const Endpoints& ends);
  Part too_long(std::size_t i);  // adds a fault
  static void append_part(Part& to, Part part);
  static Part prepend(const Layer& layer, Octets header, Part part);
  // Adds a seal for a checksum over the first `octets` of the part, unless the document contains
  // it.
  void add_checksum(std::size_t i, HeaderField field, std::uint8_t protocol, std::size_t octets,
                    Part& part) const;
  // Writes the fields of the document that have a fixed position.
  static void write_fields(const Layer& layer, std::span<std::uint8_t> header);
  // The number by which layer `i` identifies the layer after it.
  std::uint8_t next_protocol(std::size_t i) const;
  std::uint16_t next_ethertype(std::size_t i) const;

  std::uint8_t hop_limit() const;
  std::uint16_t identification(std::size_t i) const;
  Part ethernet(std::size_t i);
  Part vlan(std::size_t i);
  Part link_header(std::size_t i);
  Part routing(std::size_t i, const Endpoints& ends);
  Part ipv4(std::size_t i);
  Part ipv6(std::size_t i);
  Part option_header(std::size_t i, const Endpoints& ends);
  Part fragment(std::size_t i, const Endpoints& ends);
  Part data(std::size_t i, const Endpoints& ends);
  void type_length_data(std::size_t i, const Element& element, Octets& to);
  // Completes the seals that depend on the IP header, which the part begins with.
  Part complete_datagram(Part part, const Endpoints& ends);

  Part ah(std::size_t i, const Endpoints& ends);
  Part esp(std::size_t i, const Endpoints& ends);
  Part udp(std::size_t i, const Endpoints& ends);
  Part icmpv6(std::size_t i, const Endpoints& ends);
  Part mip(std::size_t i, const Endpoints& ends);

  Part message(std::size_t i, const Node& tree, Carrier carrier, const Endpoints& ends);
  // Whether the message has an AuthPrtr whose token the document leaves to the builder.
  bool wants_token(const Node& node) const;
  // Replaces unknown option types by the type whose fields they have; false if there are none.
  static bool with_known_options(Node& message);
  // Truncates a message to the number of octets in the field `cut` of its layer.
  static void cut(const Layer& layer, Carrier carrier, Octets& octets);
  // Adds a seal for the token of the message `octets`, at the same offset in `to`. `tree` is the
  // message in the document.
  void add_token(std::size_t i, const Node& tree, View octets, Carrier carrier,
                 const Endpoints& ends, Part& to);

  const CodePoints& codepoints_;
  const Keyring& keys_;
  const PacketDocument& packet_;
  UnsealedPacket out_;
};

}  // namespace secct::generator
