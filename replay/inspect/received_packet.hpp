// SPDX-License-Identifier: GPL-2.0-or-later
// A packet of the router under test as the tester sees it: decapsulated, decoded, and checked
// against the rules for all packets.
#pragma once

#include <map>
#include <optional>
#include <unordered_set>

#include "generator/document/document.hpp"
#include "network/datagram.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "replay/inspect/inspected_frame.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

struct ReceivedPacket {
  Octets original;                                // the datagram as received
  Octets octets;                                  // without AH and ESP
  std::optional<Datagram> datagram;               // refers to `octets`
  std::vector<Sa> sas;                            // of AH and ESP, outermost first
  std::vector<std::uint32_t> sequence_numbers;    // of AH and ESP, in the same order
  std::optional<std::uint8_t> registration_code;  // of a Mobile IPv4 Registration Reply
  DecodedMessage decoded;       // refers to `octets`; Message::none if the packet is not SecCT
  std::vector<Failure> broken;  // the rules that the packet violates, in the order of detection

  // True if the packet is the answer to traffic of the mobile node: an echo reply with this
  // identifier and sequence number, or a UDP datagram or ICMPv6 Destination Unreachable for a UDP
  // datagram.
  bool answers(const TrafficStep& traffic, std::uint16_t identifier, std::uint16_t sequence) const;
  // The octets of the message; if the packet is not SecCT, the datagram without AH and ESP.
  View message() const { return decoded.octets.empty() ? View(octets) : decoded.octets; }
  // The name of the message in cases ("shrep", "shrep-ack", ...), or what the packet is instead.
  std::string name() const;
};

// The datagram without its AH and ESP headers, up to the first one that has no key in `keys` or
// cannot be decapsulated.
Octets decapsulated(View datagram, const Keyring& keys);

// Inspects the packets of one router, and checks their sequence numbers and IVs across packets:
// none may be used twice. Sequence numbers may arrive in any order, because networks reorder
// packets, and routers send them from several processes and number them for each CPU.
class PacketInspector {
 public:
  explicit PacketInspector(const CodePoints& codepoints) : codepoints_(codepoints) {}

  // Fills in `packet`, which must be new. `keys` are those of all SAs that the router may use.
  void inspect(View datagram, const Keyring& keys, ReceivedPacket& packet);
  // Forgets sequence numbers and IVs, when the router starts again with its initial ones.
  void reset() { senders_.clear(); }

 private:
  void decapsulate(const Keyring& keys, ReceivedPacket& packet);
  void check_sequence(const Sa& sa, std::uint32_t sequence, View iv, ReceivedPacket& packet);
  void decode_message(ReceivedPacket& packet);

  const CodePoints& codepoints_;
  InspectedFrame frame_{no_keys};  // the datagram without AH and ESP
  struct Sender {
    std::unordered_set<std::uint32_t> sequence_numbers;
    std::vector<Octets> ivs;
  };
  std::map<std::pair<std::uint32_t, Address>, Sender> senders_;  // by SPI and destination
};

}  // namespace secct::replay
