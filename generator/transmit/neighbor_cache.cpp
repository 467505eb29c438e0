// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/transmit/neighbor_cache.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tins/arp.h>
#include <tins/ethernetII.h>
#include <tins/icmpv6.h>
#include <tins/ipv6.h>

#include "network/datagram.hpp"
#include "protocol/decode/decode.hpp"

namespace secct::generator {
namespace {

// RETRANS_TIMER and MAX_MULTICAST_SOLICIT (RFC 4861 section 10).
constexpr std::uint64_t retransmit_time = 1'000'000'000;
constexpr unsigned most_solicitations = 3;
constexpr std::size_t most_neighbors = 65536;
constexpr std::size_t most_incomplete = 1024;
constexpr std::size_t most_waiting_datagrams = 64;  // for one neighbor

constexpr std::uint64_t ethertype_ipv4 = 0x0800;
constexpr std::uint64_t ethertype_arp = 0x0806;
constexpr std::uint64_t ethertype_ipv6 = 0x86dd;
constexpr std::uint8_t solicitation = 135;
constexpr std::uint8_t advertisement = 136;
constexpr std::uint8_t neighbor_hop_limit = 255;
constexpr std::uint8_t source_link_address = 1;  // ND options (RFC 4861 section 4.6)
constexpr std::uint8_t target_link_address = 2;
constexpr std::size_t neighbor_fixed_octets = 24;

Tins::HWAddress<6> hw(const MacAddress& mac) { return Tins::HWAddress<6>(mac.data()); }
Tins::IPv6Address v6(const Address& address) { return Tins::IPv6Address(address.data()); }
Tins::IPv4Address v4(const Address& address) {
  return Tins::IPv4Address(v4_text(View(address).last(4)));
}

MacAddress mac_at(View octets) {
  MacAddress mac{};
  std::copy_n(octets.begin(), mac.size(), mac.begin());
  return mac;
}

bool is_group(const MacAddress& mac) { return (mac[0] & 1) != 0; }

// The Ethernet address of a multicast group (RFC 2464 section 7, RFC 1112 section 6.4).
MacAddress group_mac(const Address& address) {
  if (is_v4_mapped(address)) {
    return {0x01,        0x00,       0x5e, static_cast<std::uint8_t>(address[13] & 0x7f),
            address[14], address[15]};
  }
  return {0x33, 0x33, address[12], address[13], address[14], address[15]};
}

// The solicited-node multicast address (RFC 4291 section 2.7.1).
Address solicited_node(const Address& address) {
  Address group{0xff, 0x02};
  group[11] = 1;
  group[12] = 0xff;
  std::copy(address.begin() + 13, address.end(), group.begin() + 13);
  return group;
}

bool can_be_neighbor(const Address& address) {
  return !is_unspecified(address) && !is_multicast(address);
}

// The link-layer address in the option `type` of an ND message (RFC 4861 section 4.6.1).
std::optional<MacAddress> link_address(View options, std::uint8_t type) {
  while (options.size() >= 8 && options[1] != 0) {
    const auto length = std::size_t{options[1]} * 8;
    if (length > options.size()) break;
    if (options[0] == type) return mac_at(options.subspan(2));
    options = options.subspan(length);
  }
  return std::nullopt;
}

Octets neighbor_frame(const MacAddress& from_mac, const MacAddress& to_mac, const Address& source,
                      const Address& destination, std::uint8_t type, const Address& target,
                      bool solicited) {
  Tins::ICMPv6 message(static_cast<Tins::ICMPv6::Types>(type));
  message.target_addr(v6(target));
  if (type == advertisement) {
    message.solicited(solicited ? 1 : 0);
    message.override(1);
    message.target_link_layer_addr(hw(from_mac));
  } else {
    message.source_link_layer_addr(hw(from_mac));
  }
  Tins::IPv6 ip(v6(destination), v6(source));
  ip.hop_limit(neighbor_hop_limit);
  auto frame = Tins::EthernetII(hw(to_mac), hw(from_mac)) / ip / message;
  return frame.serialize();
}

}  // namespace

std::string NeighborCache::filter(const MacAddress& mac) {
  return fmt::format(
      "not ether src {0} and (arp or (ether dst {0} and (ip or ip6)) or "
      "(ether multicast and ip6 and ip6[6] = 58 and (ip6[40] = {1} or ip6[40] = {2}))) and "
      "not vlan",
      fmt::join(std::ranges::transform_view(mac, [](auto o) { return fmt::format("{:02x}", o); }),
                ":"),
      solicitation, advertisement);
}

void NeighborCache::learn(const Address& address, const MacAddress& mac) {
  if (!can_be_neighbor(address) || is_local_(address) || is_group(mac) || mac == mac_) return;
  const auto [entry, is_new] = table_.insert_or_assign(address, mac);
  if (is_new) {
    oldest_.push_back(address);
    if (oldest_.size() > most_neighbors) {
      table_.erase(oldest_.front());
      oldest_.pop_front();
    }
  }
  const auto waiting = incomplete_.find(address);
  if (waiting == incomplete_.end()) return;
  for (const auto& datagram : waiting->second.datagrams) send_frame(mac, datagram);
  incomplete_.erase(waiting);
}

std::optional<MacAddress> NeighborCache::find(const Address& address) const {
  const auto entry = table_.find(address);
  if (entry == table_.end()) return std::nullopt;
  return entry->second;
}

void NeighborCache::send_frame(const MacAddress& mac, View datagram) {
  Octets frame(mac.begin(), mac.end());
  append(frame, mac_);
  append_number(frame, datagram[0] >> 4 == 4 ? ethertype_ipv4 : ethertype_ipv6, 2);
  append(frame, datagram);
  out_.push_back(std::move(frame));
}

void NeighborCache::on_arp(View frame) {
  constexpr std::size_t arp_octets = 28;
  const auto body = frame.subspan(ethernet_octets);
  // Hardware type Ethernet, protocol IPv4.
  if (body.size() < arp_octets || big_endian(body.first(6)) != 0x000108000604) return;
  const auto sender_mac = mac_at(body.subspan(8));
  const auto sender = address_from(body.subspan(14, 4));
  const auto target = address_from(body.subspan(24, 4));
  learn(sender, sender_mac);
  if (big_endian(body.subspan(6, 2)) != Tins::ARP::REQUEST || !is_local_(target)) return;
  auto reply = Tins::ARP::make_arp_reply(v4(sender), v4(target), hw(sender_mac), hw(mac_));
  out_.push_back(reply.serialize());
}

void NeighborCache::on_neighbor_message(View message, std::uint8_t type, const Address& source) {
  if (message.size() < neighbor_fixed_octets) return;
  const auto target = address_from(message.subspan(8, 16));
  const auto options = message.subspan(neighbor_fixed_octets);
  if (type == advertisement) {
    if (const auto mac = link_address(options, target_link_address)) learn(target, *mac);
    return;
  }
  const auto sender = link_address(options, source_link_address);
  if (sender) learn(source, *sender);
  if (!is_local_(target)) return;
  // A solicitation from the unspecified address (duplicate address detection) is answered to all
  // nodes (RFC 4861 section 7.2.4).
  const bool has_source = can_be_neighbor(source);
  Address all_nodes{0xff, 0x02};
  all_nodes[15] = 1;
  const auto to = has_source ? source : all_nodes;
  const auto mac = find(to).value_or(group_mac(all_nodes));
  out_.push_back(neighbor_frame(mac_, mac, target, to, advertisement, target, has_source));
}

std::optional<View> NeighborCache::receive(View frame) {
  if (frame.size() < ethernet_octets) return std::nullopt;
  const auto to = mac_at(frame);
  const auto from = mac_at(frame.subspan(6));
  if (from == mac_ || (to != mac_ && !is_group(to))) return std::nullopt;
  const auto type = big_endian(frame.subspan(12, 2));
  if (type == ethertype_arp) {
    on_arp(frame);
    return std::nullopt;
  }
  if (type != ethertype_ipv4 && type != ethertype_ipv6) return std::nullopt;
  const auto octets = frame.subspan(ethernet_octets);
  const auto ends = ip_addresses(octets);
  if (!ends) return std::nullopt;
  const auto datagram = parse_datagram(octets);
  if (datagram && !datagram->chain.empty() && datagram->chain.back().type == ip_proto::icmpv6) {
    const auto message = datagram->octets_of(datagram->chain.back());
    if (!message.empty() && (message[0] == solicitation || message[0] == advertisement)) {
      if (datagram->hop_limit == neighbor_hop_limit &&
          icmpv6_checksum(datagram->source, datagram->destination, message) ==
              big_endian(message.subspan(2, 2))) {
        on_neighbor_message(message, message[0], datagram->source);
      }
      return std::nullopt;
    }
  }
  if (!is_local_(ends->destination)) return std::nullopt;
  // All addresses are on-link, so the sender of a datagram can be reached at its Ethernet address.
  if (!table_.contains(ends->source)) learn(ends->source, from);
  return datagram ? datagram->octets : octets;  // without the padding of Ethernet
}

void NeighborCache::send(View datagram, std::uint64_t now) {
  const auto ends = ip_addresses(datagram);
  if (!ends) {
    ++dropped_;
    return;
  }
  const auto& to = ends->destination;
  if (is_multicast(to)) {
    send_frame(group_mac(to), datagram);
    return;
  }
  if (const auto mac = find(to)) {
    send_frame(*mac, datagram);
    return;
  }
  if (!incomplete_.contains(to)) {
    if (!can_be_neighbor(to) || incomplete_.size() >= most_incomplete) {
      ++dropped_;
      return;
    }
    solicit(to, ends->source, now);
  }
  auto& waiting = incomplete_[to];
  if (waiting.datagrams.size() >= most_waiting_datagrams) {
    ++dropped_;
    return;
  }
  waiting.datagrams.emplace_back(datagram.begin(), datagram.end());
}

void NeighborCache::solicit(const Address& address, const Address& from, std::uint64_t now) {
  auto& entry = incomplete_[address];
  entry.from = from;
  send_solicitation(address, entry, now);
}

void NeighborCache::send_solicitation(const Address& address, Incomplete& entry,
                                      std::uint64_t now) {
  entry.next = now + retransmit_time;
  ++entry.solicitations;
  if (is_v4_mapped(address)) {
    auto request = Tins::ARP::make_arp_request(v4(address), v4(entry.from), hw(mac_));
    out_.push_back(request.serialize());
    return;
  }
  const auto group = solicited_node(address);
  out_.push_back(
      neighbor_frame(mac_, group_mac(group), entry.from, group, solicitation, address, false));
}

void NeighborCache::advance(std::uint64_t now) {
  for (auto entry = incomplete_.begin(); entry != incomplete_.end();) {
    auto& [address, waiting] = *entry;
    if (waiting.next > now) {
      ++entry;
    } else if (waiting.solicitations < most_solicitations) {
      send_solicitation(address, waiting, now);
      ++entry;
    } else {
      dropped_ += waiting.datagrams.size();
      entry = incomplete_.erase(entry);
    }
  }
}

std::optional<std::uint64_t> NeighborCache::deadline() const {
  std::optional<std::uint64_t> first;
  for (const auto& [address, waiting] : incomplete_) {
    if (!first || waiting.next < *first) first = waiting.next;
  }
  return first;
}

std::vector<Octets> NeighborCache::take() { return std::exchange(out_, {}); }

}  // namespace secct::generator
