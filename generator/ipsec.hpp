// SPDX-License-Identifier: GPL-2.0-or-later
// AH (RFC 2402) and ESP (RFC 2406) over whole IP datagrams, transport and tunnel mode.
#pragma once

#include <optional>

#include "generator/packet.hpp"
#include "generator/sa.hpp"

namespace secct {

// The ICV of the AH at `ah_offset` in `datagram`: mutable fields, options with the chg bit and the
// ICV itself taken as zero (RFC 2402 3.3.3.1). 12 octets.
Octets ah_icv(View datagram, std::size_t ah_offset, const Sa& sa);

// The IV that this project's senders use: unique for each (SA, sequence number).
Octets make_iv(const Sa& sa, std::uint32_t sequence);

// The octets of an ESP header, payload, trailer and ICV around `payload`, whose protocol is `next`.
// `pad` octets are added; the default pads to the cipher's block and to 4 octets.
struct EspOptions {
  std::optional<Octets> iv;
  std::optional<std::uint8_t> pad;
  std::int64_t pad_length_shift = 0;  // added to the octet that says how long the padding is
};
Octets esp_packet(const Sa& sa, std::uint32_t sequence, std::uint8_t next, View payload,
                  const EspOptions& options = {});

// `datagram` under `sa`: in transport mode AH or ESP stands behind the IP header; in tunnel mode a
// new IPv6 header with the SA's addresses stands before it all.
Octets protect(View datagram, const Sa& sa, std::uint32_t sequence);

enum class Refusal : std::uint8_t { none, malformed, icv, padding };

// What was under the AH or ESP header `header` of `datagram`.
struct Opened {
  Refusal refusal = Refusal::none;
  std::uint32_t sequence = 0;
  std::uint8_t next = 0;  // protocol of what was inside
  std::uint8_t pad = 0;   // octets of padding, ESP
  Octets datagram;        // without AH or ESP; in tunnel mode the inner one

  bool tunnel() const { return next == ip_proto::ipv6 || next == ip_proto::ipv4; }
};
Opened open_ah(const Datagram& datagram, const Header& header, const Sa& sa);
Opened open_esp(const Datagram& datagram, const Header& header, const Sa& sa);

// SPI and sequence number of an AH or ESP header, nothing when it is too short.
struct IpsecHead {
  IpsecProtocol protocol;
  std::uint32_t spi;
  std::uint32_t sequence;
};
std::optional<IpsecHead> ipsec_head(const Datagram& datagram, const Header& header);

}  // namespace secct
