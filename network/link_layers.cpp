// SPDX-License-Identifier: GPL-2.0-or-later
// The layers between a frame and its datagram: Ethernet (IEEE 802.3, 802.1Q, 802.1ad, 802.1ah), LLC
// and SNAP, MPLS (RFC 3032), PPP (RFC 1661), PPPoE (RFC 2516), Cisco HDLC.
#include "network/capture_layers.hpp"

namespace secct::network {
namespace {

using R = Stop::Reason;

enum EtherType : std::uint16_t {
  ipv4 = 0x0800,
  arp = 0x0806,
  transparent_bridging = 0x6558,
  vlan = 0x8100,
  ppp_payload = 0x880b,
  ipv6 = 0x86dd,
  mpls_unicast = 0x8847,
  mpls_multicast = 0x8848,
  pppoe_session = 0x8864,
  provider_tag = 0x88a8,
  backbone_service = 0x88e7,
  old_provider_tag = 0x9100
};

constexpr std::uint32_t first_ethertype = 0x0600;  // smaller numbers are lengths

// EtherTypes of protocols that do not contain IP datagrams.
bool cannot_contain_ip(std::uint32_t ethertype) {
  switch (ethertype) {
    case arp:
    case 0x0842:               // Wake-on-LAN
    case 0x2000:               // CDP in Cisco HDLC
    case 0x8035:               // RARP; SLARP in Cisco HDLC
    case 0x8808:               // flow control
    case 0x8809:               // LACP
    case 0x8863:               // PPPoE discovery
    case 0x888e:               // EAP
    case 0x88c7:               // IEEE 802.11 pre-authentication
    case 0x88cc:               // LLDP
    case 0x88f7:               // PTP
    case 0x8902:               // connectivity fault management
    case 0x9000: return true;  // loopback
    default: return false;
  }
}

bool is_readable(std::uint32_t ethertype) {
  switch (ethertype) {
    case ipv4:
    case ipv6:
    case vlan:
    case provider_tag:
    case old_provider_tag:
    case backbone_service:
    case mpls_unicast:
    case mpls_multicast:
    case pppoe_session:
    case transparent_bridging:
    case ppp_payload: return true;
    default: return cannot_contain_ip(ethertype);
  }
}

// The content of Ethernet or of a VLAN tag.
Step by_type_or_length(std::uint32_t number, const Part& part) {
  if (number >= first_ethertype) return {Layer::ethertype, part, number};
  return {Layer::llc, part.first(number)};
}

Step ethernet(const Part& part) {
  constexpr std::size_t type_at = 12;
  if (!part.has(ethernet_octets)) return too_short(part);
  return by_type_or_length(part.number(type_at, 2), part.after(ethernet_octets));
}

Step pppoe(const Part& part) {
  constexpr std::size_t head = 6;
  constexpr std::uint32_t version_and_type = 0x11;
  if (!part.has(head)) return too_short(part);
  if (part.number(0, 1) != version_and_type) return stop(R::unsupported_format, part);
  return {Layer::ppp, part.after(head).first(part.number(4, 2))};
}

Step by_ethertype(std::uint32_t ethertype, const Part& part) {
  constexpr std::size_t tag = 4;
  switch (ethertype) {
    case ipv4:
    case ipv6: return {Layer::ip, part};
    case arp: return {Layer::arp, part};
    case vlan:
    case provider_tag:
    case old_provider_tag:
      if (!part.has(tag)) return too_short(part);
      return by_type_or_length(part.number(2, 2), part.after(tag));
    case backbone_service:  // the I-TAG is followed by the addresses of the customer's frame
      if (!part.has(tag)) return too_short(part);
      return {Layer::ethernet, part.after(tag)};
    case mpls_unicast:
    case mpls_multicast: return {Layer::mpls, part};
    case pppoe_session: return pppoe(part);
    case transparent_bridging: return {Layer::ethernet, part};
    case ppp_payload: return {Layer::ppp, part};
    default:
      return cannot_contain_ip(ethertype) ? Step{Layer::none, part}
                                          : stop(R::unknown_ethertype, part, ethertype);
  }
}

Step llc(const Part& part) {
  constexpr std::size_t head = 3;
  constexpr std::size_t snap_head = 8;
  constexpr std::uint32_t tunnelled_ethernet = 0x0000f8;  // OUI, IEEE 802.1H
  if (!part.has(head)) return too_short(part);
  const auto saps = part.number(0, 2);
  switch (saps) {
    case 0xaaaa: {
      if (!part.has(snap_head)) return too_short(part);
      const auto oui = part.number(head, 3);
      const auto content = part.after(snap_head);
      if (oui == 0 || oui == tunnelled_ethernet) {
        return {Layer::ethertype, content, part.number(head + 3, 2)};
      }
      return stop(R::unknown_llc, content, oui);
    }
    case 0x0606: return {Layer::ip, part.after(head)};
    case 0x4242:                              // spanning tree
    case 0xe0e0:                              // IPX
    case 0xf0f0:                              // NetBIOS
    case 0xfefe: return {Layer::none, part};  // IS-IS
    default: return stop(R::unknown_llc, part, saps);
  }
}

Step cisco_hdlc(const Part& part) {
  constexpr std::size_t head = 4;
  if (!part.has(head)) return too_short(part);
  return {Layer::ethertype, part.after(head), part.number(2, 2)};
}

Step ppp(const Part& part) {
  constexpr std::uint32_t address_and_control = 0xff03;
  constexpr std::uint32_t first_control_protocol = 0x8000;
  if (!part.has(1)) return too_short(part);
  const auto first = part.number(0, 1);
  if (first == address_and_control >> 8) {
    if (!part.has(2)) return too_short(part);
    if (part.number(0, 2) == address_and_control) return {Layer::ppp, part.after(2)};
  }
  const std::size_t width = first % 2 == 1 ? 1 : 2;  // RFC 1661 section 6.5
  if (!part.has(width)) return too_short(part);
  const auto protocol = part.number(0, width);
  const auto content = part.after(width);
  switch (protocol) {
    case 0x0021:
    case 0x0057: return {Layer::ip, content};
    case 0x0281:
    case 0x0283: return {Layer::mpls, content};
    default:
      return protocol >= first_control_protocol ? Step{Layer::none, content}
                                                : stop(R::unknown_ppp, content, protocol);
  }
}

// PPP on a serial line, which may have Cisco HDLC instead.
Step serial(const Part& part) {
  constexpr std::uint32_t unicast = 0x0f;
  constexpr std::uint32_t multicast = 0x8f;
  if (!part.has(2)) return too_short(part);
  const auto address = part.number(0, 1);
  const bool cisco = (address == unicast || address == multicast) && part.number(1, 1) == 0;
  return {cisco ? Layer::cisco_hdlc : Layer::ppp, part};
}

// Whether Ethernet in MPLS, which begins with two zeros, has a control word (RFC 4448 section 4.6)
// rather than a destination address that begins so. `content` has room for both headers.
bool has_control_word(const Part& content, std::size_t control_word) {
  constexpr std::size_t type_at = ethernet_octets - 2;
  return is_readable(content.number(control_word + type_at, 2)) ||
         !is_readable(content.number(type_at, 2));
}

// MPLS does not state what it contains. The first octet of an Ethernet address may look like an IP
// version (RFC 4928 section 3).
Step mpls(const Part& part) {
  constexpr std::size_t label = 4;
  constexpr std::size_t control_word = 4;
  if (!part.has(label)) return too_short(part);
  const auto content = part.after(label);
  const bool is_bottom = part.number(2, 1) % 2 == 1;
  if (!is_bottom) return {Layer::mpls, content};
  if (!content.has(control_word + ethernet_octets)) return too_short(content);
  if (content.number(0, 2) == 0 && has_control_word(content, control_word)) {
    return {Layer::ethernet, content.after(control_word)};
  }
  const auto version = content.number(0, 1) >> 4;
  if (version != 4 && version != 6) return {Layer::ethernet, content};
  const auto length =
      version == 4 ? content.number(2, 2) : content.number(4, 2) + ipv6_header_octets;
  const bool is_ip =
      length <= content.size() || !is_readable(content.number(ethernet_octets - 2, 2));
  return {is_ip ? Layer::ip : Layer::ethernet, content};
}

}  // namespace

Step link_layer(LinkType link, const Part& part) {
  switch (link) {
    case LinkType::ethernet: return {Layer::ethernet, part};
    case LinkType::ppp:
    case LinkType::ppp_with_direction: return serial(part);
    case LinkType::raw_ip:
    case LinkType::raw_ipv4:
    case LinkType::raw_ipv6: return {Layer::ip, part};
    case LinkType::null:
    case LinkType::loop: return null_loopback(part);
    case LinkType::ieee_802_11: return wireless(part, false);
    case LinkType::ieee_802_11_radiotap: return radiotap(part);
    case LinkType::sll: return linux_cooked(part, 16, 14);
    case LinkType::sll2: return linux_cooked(part, 20, 0);
    case LinkType::cisco_hdlc:
    case LinkType::cisco_hdlc_with_direction: return {Layer::cisco_hdlc, part};
    case LinkType::nflog: return nflog(part);
  }
  return stop(R::unknown_link_type, part, static_cast<std::uint32_t>(link));
}

Step next_layer(const Step& step) {
  switch (step.layer) {
    case Layer::ethernet: return ethernet(step.part);
    case Layer::ethertype: return by_ethertype(step.number, step.part);
    case Layer::llc: return llc(step.part);
    case Layer::ppp: return ppp(step.part);
    case Layer::cisco_hdlc: return cisco_hdlc(step.part);
    case Layer::mpls: return mpls(step.part);
    case Layer::ip:
    case Layer::arp:
    case Layer::none:
    case Layer::stop: break;
  }
  return step;
}

}  // namespace secct::network
