// SPDX-License-Identifier: GPL-2.0-or-later
// A packet from a capture without the layers around SecCT: link layer, IP, and AH and ESP as far as
// keys are at hand. Nothing is judged here.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "generator/document/document.hpp"
#include "ipsec/ah_esp.hpp"
#include "protocol/decode/mip4.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// One AH or ESP header that was met, outermost first.
struct IpsecLayer {
  enum class State : std::uint8_t {
    unverified,  // no key: AH is read through, ESP stays closed
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
  View iv;   // ESP under a known SA; views the packet
  View icv;  // the last octets that are authenticated; views the packet
};

// The SA of a header, nullptr when it is not known; good until the next call.
using SaFinder = std::function<const Sa*(IpsecProtocol protocol, std::uint32_t spi,
                                         const Address& source, const Address& destination)>;

// Meant to be reused: it keeps its memory.
class DecapsulatedPacket {
 public:
  // False when `octets` are no IP datagram, or one that is cut short.
  bool open(View octets, const SaFinder& find);

  const Datagram& datagram() const { return datagram_; }  // the innermost one that can be read
  const std::vector<IpsecLayer>& ipsec_layers() const { return wrappings_; }
  bool closed() const { return closed_; }          // an ESP header that could not be opened is left
  bool decrypted() const { return buffers_ > 0; }  // datagram() does not view the packet
  Protection protection() const;

  // Calls `visit` with carrier and octets of whatever may be a SecCT message: ICMPv6 messages,
  // options of destination options headers, extensions of Mobile IPv4 registrations. `visit`
  // returns true to stop.
  template <class Visit>
  void each_message(Visit visit) const;

 private:
  bool step_in(const SaFinder& find);
  bool open_one(const Header& header, const SaFinder& find);

  Datagram datagram_;
  std::vector<IpsecLayer> wrappings_;
  std::array<Octets, max_nesting> buffer_;
  std::size_t buffers_ = 0;
  std::size_t opened_ = 0;  // headers of the chain that were dealt with
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
