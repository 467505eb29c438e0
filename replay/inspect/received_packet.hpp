// SPDX-License-Identifier: GPL-2.0-or-later
// A packet of the router under test as the tester sees it: opened, decoded, and judged by the rules
// that every packet must keep.
#pragma once

#include <map>
#include <optional>

#include "generator/document/document.hpp"
#include "ipsec/ah_esp.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

struct ReceivedPacket {
  Octets original;                                // as on the wire
  Octets octets;                                  // without AH and ESP
  std::optional<Datagram> datagram;               // views `octets`
  std::vector<Sa> under;                          // outermost first
  std::vector<std::uint32_t> numbers;             // sequence number under each
  std::optional<std::uint8_t> registration_code;  // of a Mobile IPv4 Registration Reply
  DecodedMessage decoded;                         // views `octets`; message none = not SecCT
  std::vector<Failure> broken;                    // rules that the packet breaks, worst first

  // True when the packet answers the mobile node's traffic: the echo of this identifier and number,
  // or for a datagram to a port that nobody serves the ICMPv6 error.
  bool answers(const TrafficStep& traffic, std::uint16_t identifier, std::uint16_t number) const;
  // The message; of a packet that holds none the whole datagram without AH and ESP.
  View message() const { return decoded.octets.empty() ? View(octets) : decoded.octets; }
  // The name that cases use ("shrep", "shrep-ack", ...), or what else it is.
  std::string name() const;
};

// The datagram without its AH and ESP headers, as far as there are keys for them.
Octets decapsulated(View datagram, const Keyring& keys);

// Remembers across packets what a single one cannot show: sequence numbers and IVs.
class PacketInspector {
 public:
  // Packets may have overtaken one another on the way: a lower number than the last one is then
  // wrong only when it was there before, or has left the anti-replay window.
  enum class Order : std::uint8_t { kept, may_change };

  explicit PacketInspector(const CodePoints& codepoints, Order order = Order::kept)
      : codepoints_(codepoints), order_(order) {}

  void observe(View datagram, const Keyring& keys, ReceivedPacket& seen);
  void forget() { senders_.clear(); }  // the router begins anew

 private:
  void open(const Keyring& keys, ReceivedPacket& seen);
  void check_sequence(const Sa& sa, std::uint32_t sequence, View iv, ReceivedPacket& seen);
  void decode_message(ReceivedPacket& seen);
  void decode_registration(View udp, const Envelope& envelope, ReceivedPacket& seen);

  const CodePoints& codepoints_;
  Order order_;
  struct Sender {
    ReplayWindow numbers;
    std::vector<Octets> ivs;
  };
  std::map<std::pair<std::uint32_t, Address>, Sender> senders_;
};

}  // namespace secct::replay
