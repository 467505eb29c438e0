// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/ipsec_datagram.hpp"

#include <algorithm>

#include "network/datagram.hpp"

namespace secct::dissector {
namespace {

View octets_from(tvbuff_t* tvb) {
  const auto length = tvb_captured_length(tvb);
  return {tvb_get_ptr(tvb, 0, static_cast<gint>(length)), length};
}

// What the dissector of IP says about the header.
struct IpHeader {
  bool v4;
  std::size_t length;  // of the datagram
  View source;
  View destination;
  std::uint16_t identification;  // IPv4
};

std::optional<IpHeader> read(const void* ip_header) {
  const auto view = [](const address& from) {
    return View(static_cast<const std::uint8_t*>(from.data), static_cast<std::size_t>(from.len));
  };
  switch (*static_cast<const guint8*>(ip_header)) {
    case 4: {
      const auto& ip = *static_cast<const ws_ip4*>(ip_header);
      return IpHeader{true, ip.ip_len, view(ip.ip_src), view(ip.ip_dst), ip.ip_id};
    }
    case 6: {
      const auto& ip = *static_cast<const ws_ip6*>(ip_header);
      return IpHeader{false, network::ipv6_header_octets + ip.ip6_len, view(ip.ip6_src),
                      view(ip.ip6_dst), 0};
    }
    default: return std::nullopt;
  }
}

// Whether `octets` begin with this IP header.
bool begins_with(View octets, const IpHeader& ip) {
  const auto is_at = [&](View address, std::size_t at) {
    return std::ranges::equal(octets.subspan(at, address.size()), address);
  };
  if (ip.v4) {
    // The dissector replaces the destination by the last one of a source route.
    return octets.size() >= network::ipv4_header_octets && octets[0] >> 4 == 4 &&
           is_at(ip.source, 12) && big_endian(octets.subspan(4, 2)) == ip.identification;
  }
  return octets.size() >= network::ipv6_header_octets && octets[0] >> 4 == 6 &&
         is_at(ip.source, 8) && is_at(ip.destination, 24);
}

// A datagram that is in one piece: its headers precede `tvb` in the same data source.
std::optional<IpsecDatagram> whole_datagram(tvbuff_t* tvb, const IpHeader& ip) {
  const auto at = static_cast<std::size_t>(tvb_raw_offset(tvb));
  const auto rest = octets_from(tvb);
  if (ip.length < rest.size() || ip.length - rest.size() > at) return std::nullopt;
  const auto headers = ip.length - rest.size();
  const auto octets = octets_from(tvb_get_ds_tvb(tvb)).subspan(at - headers, headers + rest.size());
  if (!begins_with(octets, ip)) return std::nullopt;
  IpsecDatagram result{{octets.begin(), octets.end()}, headers, true};
  // Offload leaves lengths of 0, for which the dissector takes the length of the frame. In IPv6, 0
  // is also the length of a jumbogram.
  if (ip.v4 && big_endian(octets.subspan(2, 2)) == 0) network::update_ip_length(result.octets);
  const auto parsed = network::parse_partial_datagram(result.octets);
  if (!parsed || parsed->octets.size() != octets.size()) return std::nullopt;
  return result;
}

// The last fragment header of this datagram in a data source: from its IP header on, up to the
// octets that are reassembled.
std::optional<Octets> fragment_headers(View source, const IpHeader& ip) {
  for (std::size_t at = source.size(); at-- > 0;) {
    const auto octets = source.subspan(at);
    if (!begins_with(octets, ip)) continue;
    const auto parsed = network::parse_partial_datagram(octets);
    if (!parsed || !parsed->is_fragment) continue;
    if (ip.v4) return Octets(octets.begin(), octets.begin() + parsed->header_octets);
    const auto& chain = parsed->chain;
    const auto end = chain.back().offset;
    Octets headers(octets.begin(), octets.begin() + end);
    headers[chain.size() > 1 ? chain[chain.size() - 2].offset : 6] = octets[end];
    return headers;
  }
  return std::nullopt;
}

// A reassembled datagram: the frame that completes it has the headers before the Fragment header.
std::optional<IpsecDatagram> reassembled_datagram(tvbuff_t* tvb, const packet_info* pinfo,
                                                  const IpHeader& ip) {
  auto* own_source = tvb_get_ds_tvb(tvb);
  for (const auto* entry = pinfo->data_src; entry != nullptr; entry = entry->next) {
    auto* source = get_data_source_tvb(static_cast<const data_source*>(entry->data));
    if (source == own_source) continue;
    auto headers = fragment_headers(octets_from(source), ip);
    if (!headers) continue;
    IpsecDatagram result{std::move(*headers), 0, !ip.v4};
    result.ipsec_offset = result.octets.size() + static_cast<std::size_t>(tvb_raw_offset(tvb));
    append(result.octets, octets_from(own_source));
    constexpr std::size_t largest = 0xffff;
    if (result.octets.size() > largest) return std::nullopt;
    if (ip.v4) std::fill_n(result.octets.begin() + 6, 2, std::uint8_t{0});  // not a fragment
    network::update_ip_length(result.octets);
    return result;
  }
  return std::nullopt;
}

bool has_header(const IpsecDatagram& datagram, std::uint8_t protocol) {
  const auto parsed = network::parse_partial_datagram(datagram.octets);
  return parsed && std::ranges::any_of(parsed->chain, [&](const network::Header& header) {
           return header.type == protocol && header.offset == datagram.ipsec_offset;
         });
}

}  // namespace

std::optional<IpsecDatagram> ipsec_datagram(tvbuff_t* tvb, const packet_info* pinfo,
                                            const void* ip_header, std::uint8_t protocol) {
  if (ip_header == nullptr || pinfo->fragmented != FALSE || pinfo->flags.in_error_pkt != 0 ||
      tvb_captured_length(tvb) != tvb_reported_length(tvb)) {
    return std::nullopt;
  }
  const auto ip = read(ip_header);
  if (!ip) return std::nullopt;
  auto datagram = whole_datagram(tvb, *ip);
  if (!datagram) datagram = reassembled_datagram(tvb, pinfo, *ip);
  // In ESP, the reassembled octets are those before decryption.
  if (datagram && !has_header(*datagram, protocol)) datagram.reset();
  return datagram;
}

}  // namespace secct::dissector
