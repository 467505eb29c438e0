// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/datagram.hpp"

#include <algorithm>

#include "network/header_chain.hpp"
#include "network/write_number.hpp"
#include "protocol/checksum.hpp"

namespace secct::network {
namespace {

constexpr std::size_t max_chain = 32;  // headers; no valid packet comes near

std::optional<Datagram> parse(View octets, bool allow_partial) {
  Datagram datagram;
  const auto header = read_ip_header(octets, datagram);
  if (!header || header->length < datagram.header_octets) return std::nullopt;
  const bool truncated = header->length > octets.size();
  if (truncated && (!allow_partial || datagram.v4)) return std::nullopt;
  datagram.octets = truncated ? octets : octets.first(header->length);
  const auto end = parse_chain(datagram, header->next, max_chain);
  if (!allow_partial && (end == ChainEnd::incomplete || end == ChainEnd::too_long)) {
    return std::nullopt;
  }
  return datagram;
}

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

std::optional<IpAddresses> ip_addresses(View datagram) {
  if (datagram.empty()) return std::nullopt;
  if (datagram[0] >> 4 == 6 && datagram.size() >= ipv6_header_octets) {
    return IpAddresses{address_from(datagram.subspan(8, 16)),
                       address_from(datagram.subspan(24, 16))};
  }
  if (datagram[0] >> 4 == 4 && datagram.size() >= ipv4_header_octets) {
    return IpAddresses{address_from(datagram.subspan(12, 4)),
                       address_from(datagram.subspan(16, 4))};
  }
  return std::nullopt;
}

std::optional<Datagram> parse_datagram(View octets) { return parse(octets, false); }
std::optional<Datagram> parse_partial_datagram(View octets) { return parse(octets, true); }

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
  bool complete = true;
  switch (link) {
    case LinkType::ethernet: complete = skip(LayerKind::eth, HeaderField::eth_type); break;
    case LinkType::sll: complete = skip(LayerKind::sll, HeaderField::sll_etype); break;
    case LinkType::sll2: complete = skip(LayerKind::sll2, HeaderField::sll2_etype); break;
    case LinkType::null:
    case LinkType::loop: complete = skip(LayerKind::null, HeaderField::null_family); break;
    case LinkType::raw_ip:
    case LinkType::raw_ipv4:
    case LinkType::raw_ipv6: break;
    default: return std::nullopt;
  }
  const auto is = [&](LayerKind kind) {
    return type == static_cast<std::uint64_t>(row(kind).ethertype);
  };
  const bool typed = link == LinkType::ethernet || link == LinkType::sll || link == LinkType::sll2;
  while (complete && typed && (is(LayerKind::vlan) || type == provider_tag)) {
    complete = skip(LayerKind::vlan, HeaderField::vlan_etype);
  }
  if (!complete || (typed && !is(LayerKind::ip) && !is(LayerKind::ipv6))) return std::nullopt;
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

void update_ip_length(Octets& datagram) {
  const std::span octets(datagram);
  if (octets[0] >> 4 == 6) {
    write_number(octets.subspan(4, 2), octets.size() - ipv6_header_octets);
    return;
  }
  const auto header = octets.first((octets[0] & 15U) * 4U);
  write_number(header.subspan(2, 2), octets.size());
  const auto checksum = header.subspan(10, 2);
  write_number(checksum, 0);
  write_number(checksum, internet_checksum(sum_of(header)));
}

std::uint16_t udp_checksum(const Address& source, const Address& destination, bool v4, View udp) {
  const std::size_t skip = v4 ? 12 : 0;  // the prefix of IPv4-mapped addresses
  return internet_checksum(sum_of(View(source).subspan(skip)) +
                           sum_of(View(destination).subspan(skip)) + udp.size() + ip_proto::udp +
                           sum_of(udp));
}

}  // namespace secct::network
