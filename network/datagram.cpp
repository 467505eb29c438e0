// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/datagram.hpp"

#include <algorithm>

#include "protocol/checksum.hpp"

namespace secct::network {
namespace {

constexpr std::size_t max_chain = 32;  // headers; a longer chain is nothing that a router sends

bool is_extension(std::uint8_t type) {
  return type == ip_proto::hop_by_hop || type == ip_proto::routing || type == ip_proto::dstopts ||
         type == ip_proto::fragment || type == ip_proto::ah;
}

bool follow(Datagram& datagram, std::uint8_t type, bool partial_too) {
  const auto& octets = datagram.octets;
  auto at = datagram.header_octets;
  const auto end = static_cast<std::uint32_t>(octets.size());
  while (is_extension(type) &&
         !(datagram.v4 && type != ip_proto::ah && type != ip_proto::dstopts)) {
    const bool fits = end - at >= 8 && datagram.chain.size() < max_chain;
    if (!fits && partial_too) break;
    if (!fits) return false;
    const std::uint32_t units = octets[at + 1];
    const std::uint32_t length = type == ip_proto::ah         ? (units + 2) * 4
                                 : type == ip_proto::fragment ? 8
                                                              : (units + 1) * 8;
    const bool whole = length <= end - at && (type != ip_proto::ah || length >= ah_fixed_octets);
    if (!whole && partial_too) break;
    if (!whole) return false;
    datagram.chain.push_back({type, at, length});
    const auto next = octets[at];
    const bool partial =
        type == ip_proto::fragment && (big_endian(octets.subspan(at + 2, 2)) & 0xfff9) != 0;
    at += length;
    if (partial) {
      datagram.is_fragment = true;
      return true;
    }
    type = next;
  }
  if (type != ip_proto::none || at < end) datagram.chain.push_back({type, at, end - at});
  return true;
}

std::optional<Datagram> parse(View octets, bool partial_too);

}  // namespace

const Header* Datagram::find(std::uint8_t type) const {
  const auto found = std::ranges::find(chain, type, &Header::type);
  return found == chain.end() ? nullptr : &*found;
}

Protection Datagram::protection() const {
  if (find(ip_proto::ah) != nullptr) return Protection::ah;
  if (find(ip_proto::esp) != nullptr) return Protection::esp;
  return Protection::none;
}

std::optional<IpEnds> ip_ends(View datagram) {
  if (datagram.empty()) return std::nullopt;
  if (datagram[0] >> 4 == 6 && datagram.size() >= ipv6_header_octets) {
    return IpEnds{address_from(datagram.subspan(8, 16)), address_from(datagram.subspan(24, 16))};
  }
  if (datagram[0] >> 4 == 4 && datagram.size() >= ipv4_header_octets) {
    return IpEnds{address_from(datagram.subspan(12, 4)), address_from(datagram.subspan(16, 4))};
  }
  return std::nullopt;
}

std::optional<Datagram> parse_datagram(View octets) { return parse(octets, false); }
std::optional<Datagram> parse_partial_datagram(View octets) { return parse(octets, true); }

namespace {

std::optional<Datagram> parse(View octets, bool partial_too) {
  Datagram datagram;
  if (octets.empty()) return std::nullopt;
  std::uint8_t type = 0;
  if (octets[0] >> 4 == 6) {
    if (octets.size() < ipv6_header_octets) return std::nullopt;
    auto length = ipv6_header_octets + big_endian(octets.subspan(4, 2));
    if (partial_too) length = std::min<std::uint64_t>(length, octets.size());
    if (length > octets.size()) return std::nullopt;
    datagram.octets = octets.first(length);
    datagram.source = address_from(octets.subspan(8, 16));
    datagram.destination = address_from(octets.subspan(24, 16));
    datagram.hop_limit = octets[7];
    datagram.header_octets = ipv6_header_octets;
    type = octets[6];
  } else if (octets[0] >> 4 == 4) {
    if (octets.size() < ipv4_header_octets) return std::nullopt;
    const std::size_t header = (octets[0] & 15U) * 4U;
    const auto length = big_endian(octets.subspan(2, 2));
    if (header < ipv4_header_octets || length < header || length > octets.size())
      return std::nullopt;
    datagram.v4 = true;
    datagram.octets = octets.first(length);
    datagram.source = address_from(octets.subspan(12, 4));
    datagram.destination = address_from(octets.subspan(16, 4));
    datagram.hop_limit = octets[8];
    datagram.header_octets = static_cast<std::uint32_t>(header);
    type = octets[9];
    if ((big_endian(octets.subspan(6, 2)) & 0x3fff) != 0) {  // MF or an offset
      datagram.is_fragment = true;
      return datagram;
    }
  } else {
    return std::nullopt;
  }
  if (!follow(datagram, type, partial_too)) return std::nullopt;
  return datagram;
}

}  // namespace

bool reads_link(LinkType link) {
  switch (link) {
    case LinkType::raw_ip:
    case LinkType::raw_ipv4:
    case LinkType::raw_ipv6:
    case LinkType::ethernet:
    case LinkType::sll:
    case LinkType::sll2:
    case LinkType::null:
    case LinkType::loop: return true;
  }
  return false;
}

std::optional<std::size_t> network_offset(LinkType link, View octets) {
  constexpr std::uint64_t provider_tag = 0x88a8;
  std::size_t at = 0;
  std::uint64_t type = 0;
  const auto skip = [&](LayerKind kind, HeaderField field) {
    const std::size_t length = row(kind).octets;
    if (octets.size() - at < length) return false;
    type = read_bits(octets.subspan(at), row(field));
    at += length;
    return true;
  };
  bool whole = true;
  switch (link) {
    case LinkType::ethernet: whole = skip(LayerKind::eth, HeaderField::eth_type); break;
    case LinkType::sll: whole = skip(LayerKind::sll, HeaderField::sll_etype); break;
    case LinkType::sll2: whole = skip(LayerKind::sll2, HeaderField::sll2_etype); break;
    case LinkType::null:
    case LinkType::loop: whole = skip(LayerKind::null, HeaderField::null_family); break;
    case LinkType::raw_ip:
    case LinkType::raw_ipv4:
    case LinkType::raw_ipv6: break;
    default: return std::nullopt;
  }
  const auto is = [&](LayerKind kind) {
    return type == static_cast<std::uint64_t>(row(kind).ethertype);
  };
  const bool typed = link == LinkType::ethernet || link == LinkType::sll || link == LinkType::sll2;
  while (whole && typed && (is(LayerKind::vlan) || type == provider_tag)) {
    whole = skip(LayerKind::vlan, HeaderField::vlan_etype);
  }
  if (!whole || (typed && !is(LayerKind::ip) && !is(LayerKind::ipv6))) return std::nullopt;
  return at;
}

std::vector<HeaderOption> parse_header_options(View header) {
  std::vector<HeaderOption> found;
  for (std::uint32_t at = 2; at < header.size();) {
    if (header[at] == 0) {
      found.push_back({at, 1});
      ++at;
      continue;
    }
    if (header.size() - at < 2 || header[at + 1] + 2U > header.size() - at) return {};
    found.push_back({at, header[at + 1] + 2U});
    at += header[at + 1] + 2U;
  }
  return found;
}

std::uint16_t udp_checksum(const Address& source, const Address& destination, bool v4, View udp) {
  const std::size_t skip = v4 ? 12 : 0;  // of IPv4-mapped addresses
  return internet_checksum(sum_of(View(source).subspan(skip)) +
                           sum_of(View(destination).subspan(skip)) + udp.size() + ip_proto::udp +
                           sum_of(udp));
}

}  // namespace secct::network
