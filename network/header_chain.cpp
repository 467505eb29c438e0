// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/header_chain.hpp"

namespace secct::network {

bool is_extension(std::uint8_t type, bool v4) {
  switch (type) {
    case ip_proto::ah:
    case ip_proto::dstopts: return true;
    case ip_proto::hop_by_hop:
    case ip_proto::routing:
    case ip_proto::fragment:
    case ip_proto::mobility:
    case ip_proto::hip:
    case ip_proto::shim6: return !v4;
    default: return false;
  }
}

std::optional<IpHeader> read_ip_header(View octets, Datagram& datagram) {
  datagram.chain.clear();
  datagram.is_fragment = false;
  if (octets.empty()) return std::nullopt;
  if (octets[0] >> 4 == 6) {
    if (octets.size() < ipv6_header_octets) return std::nullopt;
    const auto payload = big_endian(octets.subspan(4, 2));
    datagram.v4 = false;
    datagram.source = address_from(octets.subspan(8, 16));
    datagram.destination = address_from(octets.subspan(24, 16));
    datagram.hop_limit = octets[7];
    datagram.header_octets = ipv6_header_octets;
    return IpHeader{octets[6], ipv6_header_octets + payload, payload == 0};
  }
  if (octets[0] >> 4 != 4 || octets.size() < ipv4_header_octets) return std::nullopt;
  datagram.v4 = true;
  datagram.header_octets = (octets[0] & 15U) * 4U;
  if (datagram.header_octets < ipv4_header_octets) return std::nullopt;
  datagram.source = address_from(octets.subspan(12, 4));
  datagram.destination = address_from(octets.subspan(16, 4));
  datagram.hop_limit = octets[8];
  constexpr unsigned more_or_offset = 0x3fff;
  datagram.is_fragment = (big_endian(octets.subspan(6, 2)) & more_or_offset) != 0;
  const auto length = big_endian(octets.subspan(2, 2));
  return IpHeader{octets[9], length, length == 0};
}

ChainEnd parse_chain(Datagram& datagram, std::uint8_t next, std::size_t max_headers) {
  if (datagram.is_fragment) return ChainEnd::fragment;
  const auto& octets = datagram.octets;
  auto type = next;
  auto at = datagram.header_octets;
  const auto end = static_cast<std::uint32_t>(octets.size());
  while (is_extension(type, datagram.v4)) {
    const auto failed = [&](ChainEnd reason) {
      datagram.chain.push_back({type, at, end - at});
      return reason;
    };
    if (datagram.chain.size() >= max_headers) return failed(ChainEnd::too_long);
    if (end - at < 8) return failed(ChainEnd::incomplete);
    const std::uint32_t units = octets[at + 1];
    const std::uint32_t length = type == ip_proto::ah         ? (units + 2) * 4
                                 : type == ip_proto::fragment ? 8
                                                              : (units + 1) * 8;
    if (length > end - at || (type == ip_proto::ah && length < ah_fixed_octets)) {
      return failed(ChainEnd::incomplete);
    }
    datagram.chain.push_back({type, at, length});
    datagram.is_fragment =
        type == ip_proto::fragment && (big_endian(octets.subspan(at + 2, 2)) & 0xfff9) != 0;
    if (datagram.is_fragment) return ChainEnd::fragment;
    type = octets[at];
    at += length;
  }
  if (type != ip_proto::none || at < end) datagram.chain.push_back({type, at, end - at});
  return ChainEnd::complete;
}

}  // namespace secct::network
