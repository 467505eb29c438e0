// SPDX-License-Identifier: GPL-2.0-or-later
// Removes the layers around SecCT in a captured packet: IP, tunnels, AH and ESP, as far as there
// are keys. Reports what it finds; it does not evaluate it.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "generator/document/document.hpp"
#include "ipsec/sa.hpp"
#include "network/datagram.hpp"
#include "protocol/decode/mip4.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// An AH or ESP header of the packet.
struct IpsecLayer {
  enum class State : std::uint8_t {
    unverified,  // there is no key: an AH is skipped, the content of an ESP is not available
    good,
    bad_icv,
    malformed
  };
  IpsecProtocol protocol = IpsecProtocol::ah;
  State state = State::unverified;
  std::uint32_t spi = 0;
  std::uint32_t sequence = 0;
  Address source{};
  Address destination{};
  View iv;   // of a decrypted ESP; refers to the packet
  View icv;  // refers to the packet
};

// Returns the SA of a header, or nullptr if it is unknown; valid until the next call.
using SaFinder = std::function<const Sa*(IpsecProtocol protocol, std::uint32_t spi,
                                         const Address& source, const Address& destination)>;

// An object can be used for many packets: it keeps its buffers.
class DecapsulatedPacket {
 public:
  // Decapsulates an IP datagram, which must outlive the use of the result. False if `octets` are
  // not a complete IP datagram.
  bool open(View octets, const SaFinder& find);

  const Datagram& datagram() const { return datagram_; }  // the innermost readable one
  const std::vector<IpsecLayer>& ipsec_layers() const { return layers_; }  // outermost first
  bool closed() const { return closed_; }  // datagram() contains an ESP that was not decrypted
  bool decrypted() const { return buffers_ > 0; }  // datagram() does not refer to the packet
  Protection protection() const;

  // Calls `visit` with carrier and octets of all parts of datagram() that can be a SecCT message:
  // ICMPv6 messages, destination options, extensions of Mobile IPv4 registrations. `visit` returns
  // true to stop.
  template <class Visit>
  void each_message(Visit visit) const;

 private:
  bool enter_next_datagram(const SaFinder& find);
  bool process_header(const Header& header, const SaFinder& find);

  Datagram datagram_;
  std::vector<IpsecLayer> layers_;
  std::array<Octets, max_nesting> buffer_;  // decrypted datagrams
  std::size_t buffers_ = 0;                 // that are in use
  std::size_t processed_ = 0;               // headers of the chain
  bool closed_ = false;
};

template <class Visit>
void DecapsulatedPacket::each_message(Visit visit) const {
  for (const auto& header : datagram_.chain) {
    const auto octets = datagram_.octets_of(header);
    if (header.type == ip_proto::icmpv6) {
      if (visit(Carrier::icmpv6, octets)) return;
    } else if (header.type == ip_proto::dstopts) {
      for (const auto& option : parse_header_options(octets)) {
        if (visit(Carrier::dstopt, octets.subspan(option.offset, option.length))) return;
      }
    } else if (header.type == ip_proto::udp) {
      const auto payload = registration_payload(octets);
      const auto* registration = find_registration(payload);
      if (registration == nullptr) continue;
      MipExtensions extensions(payload.subspan(registration->fixed_octets));
      while (const auto extension = extensions.next()) {
        if (extension->whole() && visit(registration->carrier, extension->octets)) return;
      }
    }
  }
}

}  // namespace secct::replay
