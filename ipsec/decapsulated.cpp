// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/decapsulated.hpp"

namespace secct::ipsec {

std::optional<IpsecHead> ipsec_head(const Datagram& datagram, const Header& header) {
  const auto octets = datagram.octets_of(header);
  const bool ah = header.type == ip_proto::ah;
  const std::size_t at = ah ? 4 : 0;
  if (octets.size() < at + 8) return std::nullopt;
  return IpsecHead{ah ? IpsecProtocol::ah : IpsecProtocol::esp,
                   static_cast<std::uint32_t>(big_endian(octets.subspan(at, 4))),
                   static_cast<std::uint32_t>(big_endian(octets.subspan(at + 4, 4)))};
}

Octets decapsulated_datagram(const Datagram& datagram, const Header& header, std::uint8_t next,
                             View payload) {
  if (next == ip_proto::ipv6 || next == ip_proto::ipv4) return {payload.begin(), payload.end()};
  const auto head = datagram.octets.first(header.offset);
  Octets octets(head.begin(), head.end());
  append(octets, payload);
  const bool is_first = datagram.chain.empty() || &header == datagram.chain.data();
  const std::size_t next_at = datagram.v4 ? 9 : 6;
  octets[is_first ? next_at : (&header - 1)->offset] = next;
  update_ip_length(octets);
  return octets;
}

}  // namespace secct::ipsec
