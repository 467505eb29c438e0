// SPDX-License-Identifier: GPL-2.0-or-later
// What the receivers of AH and ESP share: SPI and sequence number of a header, and the result of
// removing it.
#pragma once

#include <optional>

#include "ipsec/namespace.hpp"
#include "ipsec/sa.hpp"
#include "network/datagram.hpp"

namespace secct::ipsec {

// The fields of an AH or ESP header that select the SA and its replay window.
struct IpsecHead {
  IpsecProtocol protocol;
  std::uint32_t spi;
  std::uint32_t sequence;
};
// `header` is an AH or ESP header in the chain of `datagram`; std::nullopt if it is too short.
std::optional<IpsecHead> ipsec_head(const Datagram& datagram, const Header& header);

// Why a packet cannot be decapsulated: lengths are wrong, the ICV is wrong, the padding of ESP is
// not 1, 2, 3, ... (RFC 2406 section 2.4), or `secct redact` has overwritten the packet.
enum class IpsecError : std::uint8_t { none, malformed, icv, padding, redacted };

// A packet without its AH or ESP header. All other members are valid only if `error` is none,
// except for `sequence`, which is valid unless the header is malformed.
struct Decapsulated {
  IpsecError error = IpsecError::none;
  std::uint32_t sequence = 0;
  std::uint8_t next = 0;  // Next Header
  std::uint8_t pad = 0;   // Pad Length of ESP, octets
  Octets datagram;        // transport mode: the outer datagram; tunnel mode: the inner one

  bool tunnel() const { return next == ip_proto::ipv6 || next == ip_proto::ipv4; }
};

// For decapsulate_ah() and decapsulate_esp(): the datagram that results from removing `header` and
// what follows it, and adding `payload` of protocol `next`.
Octets decapsulated_datagram(const Datagram& datagram, const Header& header, std::uint8_t next,
                             View payload);

}  // namespace secct::ipsec
