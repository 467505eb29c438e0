// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/epan/envelope.hpp"

namespace secct::dissector {
namespace {

struct {
  int ipv6;
  int ah;
  int esp;
  int icmp;
  int icmpv6;
} layers;

constexpr std::uint32_t ipv6_pinfo_key = 2;  // IPV6_PROTO_PINFO in packet-ipv6.c
constexpr std::uint32_t min_ipv4_header = 20;

// The IP header that an IP dissector passes as `data`, if it has this version. The first octet of
// both structures is the version.
template <class Header>
const Header* header(const void* data, int version) {
  if (data == nullptr || *static_cast<const guint8*>(data) != version) return nullptr;
  return static_cast<const Header*>(data);
}

}  // namespace

void find_layers() {
  layers.ipv6 = proto_get_id_by_filter_name("ipv6");
  layers.ah = proto_get_id_by_filter_name("ah");
  layers.esp = proto_get_id_by_filter_name("esp");
  layers.icmp = proto_get_id_by_filter_name("icmp");
  layers.icmpv6 = proto_get_id_by_filter_name("icmpv6");
}

std::optional<Address> address_from(const address& from) {
  if (from.type != AT_IPv6 && from.type != AT_IPv4) return std::nullopt;
  return secct::address_from(
      View(static_cast<const std::uint8_t*>(from.data), static_cast<std::size_t>(from.len)));
}

std::optional<std::uint8_t> hop_limit(const packet_info* pinfo, const void* data) {
  if (pinfo->flags.in_error_pkt != 0) return std::nullopt;
  if (const auto* ip6 = header<ws_ip6>(data, 6)) return ip6->ip6_hop;
  if (const auto* ip4 = header<ws_ip4>(data, 4)) return ip4->ip_ttl;
  return std::nullopt;
}

Protection protection(const packet_info* pinfo) {
  auto found = Protection::none;
  for (auto* frame = wmem_list_tail(pinfo->layers); frame != nullptr;
       frame = wmem_list_frame_prev(frame)) {
    const int id = GPOINTER_TO_INT(wmem_list_frame_data(frame));
    if (id == layers.esp) return Protection::esp;
    if (id == layers.ah) found = Protection::ah;
    if (pinfo->flags.in_error_pkt != 0 && (id == layers.icmp || id == layers.icmpv6)) break;
  }
  return found;
}

bool is_partial(tvbuff_t* tvb, packet_info* pinfo, const void* data) {
  if (pinfo->fragmented != FALSE) return true;
  if (pinfo->flags.in_error_pkt == 0) return false;
  if (header<ws_ip6>(data, 6) != nullptr) {
    // Wireshark updates the remaining payload length with each extension header.
    const auto* ipv6_info = static_cast<const ipv6_pinfo_t*>(
        p_get_proto_data(pinfo->pool, pinfo, layers.ipv6, ipv6_pinfo_key));
    return ipv6_info != nullptr &&
           ipv6_info->frag_plen > static_cast<gint>(tvb_reported_length(tvb));
  }
  const auto* ip4 = header<ws_ip4>(data, 4);
  return ip4 != nullptr && ip4->ip_len > tvb_reported_length(tvb) + min_ipv4_header;
}

}  // namespace secct::dissector
