// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/traffic.hpp"

#include <algorithm>

#include "protocol/checksum.hpp"
#include "protocol/decode/decode.hpp"

namespace secct::replay {
namespace {

using F = Field;

constexpr std::uint8_t icmp_v4 = 1;  // IP protocol
constexpr std::size_t icmp_head = 4;
constexpr std::size_t echo_head = 8;
constexpr std::size_t udp_head = 8;
constexpr std::uint16_t echo_port = 7;
// An ICMPv6 error quotes no more than fits into the minimum IPv6 MTU (RFC 2463 2.4 c), here with
// room for AH or ESP.
constexpr std::size_t largest_quote = 1280 - 40 - 8 - 64;
constexpr std::uint8_t parameter_problem = 4;    // ICMPv6 type
constexpr std::uint8_t unrecognized_option = 2;  // code

struct IcmpNumbers {
  std::uint8_t echo_request;
  std::uint8_t echo_reply;
  std::uint8_t unreachable;
  std::uint8_t port_unreachable;  // code
};
constexpr IcmpNumbers v6{128, 129, 1, 4};
constexpr IcmpNumbers v4{8, 0, 3, 3};

Layer data_layer(Octets octets) {
  Layer data{.kind = LayerKind::data, .fields = {}, .elements = {}};
  data.set(HeaderField::data_octets, std::move(octets));
  return data;
}

// An ICMPv6 or ICMP message; `rest` follows the checksum.
std::vector<Layer> icmp(bool is_v4, std::uint8_t type, std::uint8_t code, View rest) {
  if (!is_v4) {
    Layer icmpv6{.kind = LayerKind::icmpv6, .fields = {}, .elements = {}};
    icmpv6.set(HeaderField::icmpv6_type, std::uint64_t{type});
    icmpv6.set(HeaderField::icmpv6_code, std::uint64_t{code});
    return {std::move(icmpv6), data_layer(Octets(rest.begin(), rest.end()))};
  }
  Octets octets{type, code, 0, 0};
  append(octets, rest);
  const auto sum = internet_checksum(sum_of(octets));
  octets[2] = static_cast<std::uint8_t>(sum >> 8);
  octets[3] = static_cast<std::uint8_t>(sum);
  return {data_layer(std::move(octets))};
}

// The rest of an ICMP error: a number (pointer or zero) and the datagram that caused it.
Octets quoted(const Datagram& datagram, std::uint32_t number) {
  Octets octets;
  append_number(octets, number, 4);
  append(octets, datagram.octets.first(std::min(datagram.octets.size(), largest_quote)));
  return octets;
}

// True if the first `prefix` bits of the addresses are equal. The prefix of an IPv4-mapped address
// counts from its IPv4 address.
bool same_prefix(const Address& a, const Address& b, std::optional<std::uint64_t> prefix) {
  const std::size_t start = is_v4_mapped(a) ? 96 : 0;
  const auto bits = prefix ? std::min<std::size_t>(start + *prefix, 128) : 128;
  for (std::size_t i = 0; i < bits; ++i) {
    if (((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
  }
  return true;
}

std::optional<std::uint64_t> number_in(const Context& context, F field) {
  for (const auto& data : context.additional) {
    if (const auto* value = data.find(field)) return value->number();
  }
  return std::nullopt;
}

bool port_fits(std::uint64_t port, std::uint16_t selector, std::optional<std::uint64_t> low,
               std::optional<std::uint64_t> high) {
  if (low && high && (port < *low || port > *high)) return false;
  return selector == 0 || port == selector;
}

}  // namespace

// Every SA of a mobile node that protects the packet must allow it.
bool EchoServer::selectors_allow(const Datagram& datagram, std::uint8_t protocol, View upper,
                                 const OpenedPacket& received) {
  const bool has_ports = protocol == ip_proto::udp && upper.size() >= icmp_head;
  const auto fits = [&](const LiveSa& live) {
    const auto& context = live.context;
    if (!same_prefix(context.source, datagram.source, number_in(context, F::data_source_prefix)) ||
        !same_prefix(context.destination, datagram.destination,
                     number_in(context, F::data_destination_prefix))) {
      return false;
    }
    if (core_.faulty(Fault::selectors_ignored)) return true;
    if (context.protocol != 0 && context.protocol != protocol) return false;
    if (!has_ports) return true;
    if (core_.faulty(Fault::port_zero_selects) && context.source_port == 0) return false;
    return port_fits(big_endian(upper.first(2)), context.source_port,
                     number_in(context, F::data_source_port_low),
                     number_in(context, F::data_source_port_high)) &&
           port_fits(big_endian(upper.subspan(2, 2)), context.destination_port,
                     number_in(context, F::data_destination_port_low),
                     number_in(context, F::data_destination_port_high));
  };
  const bool selected = std::ranges::all_of(
      received.under, [&](const auto& live) { return !live->owner || fits(*live); });
  if (!selected) core_.statistics.add(Count::selector_refused);
  return selected;
}

// For each SA of the packet an SA of the other direction, preferably with the same algorithms.
std::vector<LiveSa*> EchoServer::reply_sas(const Datagram& datagram,
                                           const OpenedPacket& received) const {
  std::vector<LiveSa*> back;
  if (core_.faulty(Fault::reply_in_clear)) return back;
  for (const auto& inbound : received.under) {
    if (!inbound->owner) continue;
    LiveSa* any = nullptr;
    LiveSa* best = nullptr;
    for (const auto& live : core_.sadb.of(*inbound->owner)) {
      if (live->sa.destination != datagram.source ||
          std::ranges::find(back, live.get()) != back.end()) {
        continue;
      }
      if (any == nullptr) any = live.get();
      const bool same_kind =
          live->sa.protocol == inbound->sa.protocol && live->sa.tunnel == inbound->sa.tunnel &&
          live->sa.auth == inbound->sa.auth && live->sa.cipher == inbound->sa.cipher;
      if (same_kind && best == nullptr) best = live.get();
    }
    if (best == nullptr) best = any;
    if (best != nullptr) back.push_back(best);
  }
  return back;
}

void EchoServer::reply(const Datagram& datagram, const OpenedPacket& received,
                       std::vector<Layer> layers) {
  const auto back = reply_sas(datagram, received);
  core_.statistics.add(Count::echoed);
  core_.send(datagram.destination, datagram.source, back, std::move(layers));
}

void EchoServer::on_icmp(const Datagram& datagram, View message, const OpenedPacket& received) {
  const auto& numbers = datagram.v4 ? v4 : v6;
  if (message.size() < echo_head || message[0] != numbers.echo_request) return;
  const bool valid_checksum = datagram.v4
                                  ? internet_checksum(sum_of(message)) == 0
                                  : icmpv6_checksum(datagram.source, datagram.destination,
                                                    message) == big_endian(message.subspan(2, 2));
  if (!valid_checksum) return;
  const auto protocol = datagram.v4 ? icmp_v4 : ip_proto::icmpv6;
  if (!selectors_allow(datagram, protocol, {}, received)) return;
  reply(datagram, received, icmp(datagram.v4, numbers.echo_reply, 0, message.subspan(icmp_head)));
}

void EchoServer::on_udp(const Datagram& datagram, View udp, const OpenedPacket& received) {
  if (!selectors_allow(datagram, ip_proto::udp, udp, received)) return;
  if (core_.faulty(Fault::udp_unanswered)) return;
  if (big_endian(udp.subspan(2, 2)) == echo_port) {
    Layer back{.kind = LayerKind::udp, .fields = {}, .elements = {}};
    back.set(HeaderField::udp_srcport, std::uint64_t{echo_port});
    back.set(HeaderField::udp_dstport, big_endian(udp.first(2)));
    const auto data = udp.subspan(udp_head);
    return reply(datagram, received, {std::move(back), data_layer({data.begin(), data.end()})});
  }
  reply(datagram, received,
        icmp(datagram.v4, (datagram.v4 ? v4 : v6).unreachable,
             (datagram.v4 ? v4 : v6).port_unreachable, quoted(datagram, 0)));
}

void EchoServer::on_unknown_option(const Datagram& datagram, std::uint32_t offset,
                                   const OpenedPacket& received) {
  if (datagram.v4 || is_unspecified(datagram.source) || is_multicast(datagram.source)) return;
  reply(datagram, received,
        icmp(false, parameter_problem, unrecognized_option, quoted(datagram, offset)));
}

}  // namespace secct::replay
