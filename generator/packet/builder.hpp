// SPDX-License-Identifier: GPL-2.0-or-later
// Documents to octets, layer by layer: what build() is made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "generator/packet/seal.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {

// Layers are built from the innermost one outwards.
class Builder {
 public:
  Builder(const CodePoints& codepoints, const Keyring& keys, const PacketDocument& packet)
      : codepoints_(codepoints), keys_(keys), packet_(packet) {}

  UnsealedPacket run();

 private:
  // The IP header around a layer.
  struct Ends {
    Address source{};
    Address destination{};
    bool v4 = false;
  };

  // Places of seals are octets from the start of the part. An AH without SA waits for the IP header
  // that it stands behind.
  struct Part {
    Octets octets;
    std::vector<Seal> seals;  // innermost first
  };

  void fault(std::size_t layer, std::string_view name, std::string text);
  Part from(std::size_t i, const Ends& ends);
  // The same where no IP header follows outwards.
  Part closed_from(std::size_t i, const Ends& ends);
  Part too_long(std::size_t i);
  static void append_part(Part& to, Part part);
  static Part prepend(const Layer& layer, Octets header, Part part);
  // Leaves a checksum over the part's first `octets` to be computed, unless the document gives it.
  void leave_checksum(std::size_t i, HeaderField field, std::uint8_t protocol, std::size_t octets,
                      Part& part) const;
  // What the document says about fields at a fixed place.
  static void write_fields(const Layer& layer, std::span<std::uint8_t> header);
  // The number that the layer before names the next one by.
  std::uint8_t next_protocol(std::size_t i) const;
  std::uint16_t next_ethertype(std::size_t i) const;

  std::uint8_t hop_limit() const;
  Part ethernet(std::size_t i);
  Part vlan(std::size_t i);
  Part link_header(std::size_t i);
  Part routing(std::size_t i, const Ends& ends);
  Part ipv4(std::size_t i);
  Part ipv6(std::size_t i);
  Part option_header(std::size_t i, const Ends& ends);
  Part fragment(std::size_t i, const Ends& ends);
  Part data(std::size_t i, const Ends& ends);
  void type_length_data(std::size_t i, const Element& element, Octets& to);
  // The datagram is complete: what is computed with its IP header knows now where that is.
  Part close_datagram(Part part, const Ends& ends);

  Part ah(std::size_t i, const Ends& ends);
  Part esp(std::size_t i, const Ends& ends);
  Part udp(std::size_t i, const Ends& ends);
  Part icmpv6(std::size_t i, const Ends& ends);
  Part mip(std::size_t i, const Ends& ends);

  Part message(std::size_t i, const Node& tree, Carrier carrier, const Ends& ends);
  // An AuthPrtr whose token the document leaves out.
  bool wants_token(const Node& node) const;
  // Options of an unknown type with the type whose fields they have; false when there are none.
  static bool with_known_options(Node& message);
  static void cut(const Layer& layer, Carrier carrier, Octets& octets);
  // Leaves the token that `octets` need to be computed and written to the same place of `to`, with
  // what `tree` adds.
  void leave_token(std::size_t i, const Node& tree, View octets, Carrier carrier, const Ends& ends,
                   Part& to);

  const CodePoints& codepoints_;
  const Keyring& keys_;
  const PacketDocument& packet_;
  UnsealedPacket out_;
};

}  // namespace secct::generator
