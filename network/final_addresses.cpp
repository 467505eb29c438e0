// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/final_addresses.hpp"

#include <algorithm>

namespace secct::network {
namespace {

constexpr std::size_t v6_source_at = 8;
constexpr std::size_t v6_destination_at = 24;
constexpr std::size_t v4_destination_at = 16;
constexpr std::size_t v6_octets = 16;
constexpr std::size_t v4_octets = 4;

void add_routing(View octets, const Header& header, std::vector<AddressExchange>& exchanges) {
  constexpr std::size_t fixed = 8;
  if (header.length < fixed) return;
  const auto type = octets[header.offset + 2];
  const std::size_t left = octets[header.offset + 3];
  const auto addresses = (header.length - fixed) / v6_octets;
  if ((type != 0 && type != 2) || left > addresses) return;
  for (auto i = addresses - left; i < addresses; ++i) {
    exchanges.push_back({v6_destination_at, header.offset + fixed + v6_octets * i, v6_octets});
  }
}

void add_home_address(View octets, const Header& header, std::vector<AddressExchange>& exchanges) {
  constexpr std::uint8_t home_address = 0xc9;
  for (const auto& option : parse_header_options(octets.subspan(header.offset, header.length))) {
    const auto at = header.offset + option.offset;
    if (octets[at] == home_address && option.length == 2 + v6_octets) {
      exchanges.push_back({v6_source_at, at + 2U, v6_octets});
    }
  }
}

void add_source_routes(View octets, std::vector<AddressExchange>& exchanges) {
  constexpr std::uint8_t loose = 131;
  constexpr std::uint8_t strict = 137;
  constexpr std::size_t fixed = 3;
  for (const auto& option : parse_ipv4_options(octets)) {
    const auto type = octets[option.offset];
    if ((type != loose && type != strict) || option.length < fixed + v4_octets) continue;
    const std::size_t pointer = octets[option.offset + 2];  // counts from 1
    // Routers put their own addresses in place of those that they use, so only the last one counts.
    if (pointer <= option.length) {
      exchanges.push_back(
          {v4_destination_at, option.offset + option.length - v4_octets, v4_octets});
    }
  }
}

}  // namespace

std::vector<AddressExchange> address_exchanges(const Datagram& datagram, std::size_t end) {
  std::vector<AddressExchange> exchanges;
  if (datagram.v4) add_source_routes(datagram.octets, exchanges);
  if (datagram.v4) return exchanges;
  for (const auto& header : datagram.chain) {
    if (header.offset >= end) break;
    if (header.type == ip_proto::routing) add_routing(datagram.octets, header, exchanges);
    if (header.type == ip_proto::dstopts) add_home_address(datagram.octets, header, exchanges);
  }
  return exchanges;
}

IpAddresses final_addresses(const Datagram& datagram) {
  const IpAddresses addresses{datagram.source, datagram.destination};
  const auto exchanges = address_exchanges(datagram);
  if (exchanges.empty()) return addresses;
  Octets octets(datagram.octets.begin(), datagram.octets.end());
  for (const auto& [first, second, size] : exchanges) {
    const auto begin = octets.begin() + static_cast<std::ptrdiff_t>(first);
    std::swap_ranges(begin, begin + static_cast<std::ptrdiff_t>(size),
                     octets.begin() + static_cast<std::ptrdiff_t>(second));
  }
  return ip_addresses(octets).value_or(addresses);
}

std::vector<HeaderOption> parse_ipv4_options(View datagram) {
  constexpr std::uint8_t end_of_options = 0;
  constexpr std::uint8_t no_operation = 1;  // has no length octet
  std::vector<HeaderOption> found;
  const auto end =
      static_cast<std::uint32_t>(std::min<std::size_t>((datagram[0] & 15U) * 4U, datagram.size()));
  for (std::uint32_t at = ipv4_header_octets; at < end && datagram[at] != end_of_options;) {
    const std::uint32_t length = datagram[at] == no_operation ? 1U
                                 : at + 1 < end               ? datagram[at + 1]
                                                              : 0U;
    if (length == 0 || length > end - at || (length == 1 && datagram[at] != no_operation)) break;
    found.push_back({at, length});
    at += length;
  }
  return found;
}

}  // namespace secct::network
