// SPDX-License-Identifier: GPL-2.0-or-later
// AH (RFC 2402) and ESP (RFC 2406) over whole IP datagrams, transport and tunnel mode.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ipsec/crypto.hpp"
#include "ipsec/sa.hpp"
#include "network/datagram.hpp"

namespace secct::ipsec {

using namespace network;  // AH and ESP are headers of its datagrams

// Octets of a datagram, from `at` on.
struct Range {
  std::size_t at;
  std::size_t octets;
};

// What the ICV of the AH at `ah_offset` in `datagram` does not cover (RFC 2402 3.3.3.1): mutable
// fields, options with the chg bit, and the ICV itself. Class and flow label of IPv6 are left out
// without being named here.
std::vector<Range> uncovered_by_ah(View datagram, std::size_t ah_offset);

// The ICV of the AH at `ah_offset` in `datagram`, 12 octets; none for AuthAlgorithm::none.
Octets ah_icv(View datagram, std::size_t ah_offset, const Sa& sa);

// The IV that this project's senders use: unique for each (SA, sequence number).
Octets make_iv(const Sa& sa, std::uint32_t sequence);

// An ESP packet whose text is still open and that has room for IV and ICV.
struct OpenEsp {
  Octets octets;
  std::size_t iv_octets = 0;
  bool iv_given = false;
  std::size_t text_end = 0;
};

// The octets of an ESP header, payload, trailer and ICV around `payload`, whose protocol is `next`.
// `pad` octets are added; the default pads to the cipher's block and to 4 octets.
struct EspOptions {
  std::optional<Octets> iv;
  std::optional<std::uint8_t> pad;
  std::int64_t pad_length_shift = 0;  // added to the octet that says how long the padding is
};
OpenEsp open_esp_packet(const Sa& sa, std::uint32_t sequence, std::uint8_t next, View payload,
                        const EspOptions& options = {});
Octets esp_packet(const Sa& sa, std::uint32_t sequence, std::uint8_t next, View payload,
                  const EspOptions& options = {});

// An SA's keys, set up once for many packets.
class KeyedSa {
 public:
  explicit KeyedSa(const Sa& sa);

  // Other keys for the same algorithms.
  void set_keys(View auth_key, View cipher_key);
  // 12 octets, or none without an algorithm; good until the next call.
  View icv(View text);
  // The ICV of an AH in `datagram`, where `uncovered` does not count.
  View ah_icv(View datagram, std::span<const Range> uncovered);
  // Fills in the IV of an ESP packet (unless it is given) and encrypts up to `text_end`. A text
  // that is no multiple of the block stays as it is.
  void encrypt(std::span<std::uint8_t> packet, std::size_t iv_octets, bool iv_given,
               std::size_t text_end);

 private:
  std::optional<Hmac> auth_;
  std::optional<CbcEncryptor> cipher_;
  Octets scratch_;
};

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

}  // namespace secct::ipsec
