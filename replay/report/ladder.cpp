// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/ladder.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ipsec/decapsulated.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/explain/explain.hpp"
#include "replay/inspect/received_packet.hpp"
#include "replay/wire/described_addresses.hpp"

namespace secct::replay {
namespace {

constexpr std::size_t lane_width = 18;
constexpr std::array<std::string_view, 3> lanes{"mobile node", "other router", "router under test"};
constexpr std::size_t mobile_lane = 0;
constexpr std::size_t peer_lane = 1;
constexpr std::size_t router_lane = 2;
constexpr std::size_t time_width = 11;

std::size_t lane_of(const RouterDescription& description, const Address& address) {
  if (is_router_address(description, address)) return router_lane;
  if (address == description.peer ||
      (address == description.ipv4_peer && !is_unspecified(address))) {
    return peer_lane;
  }
  return mobile_lane;
}

std::string arrow(std::size_t from, std::size_t to) {
  const auto at = [](std::size_t lane) { return lane * lane_width; };
  std::string line(at(lanes.size() - 1) + 1, ' ');
  for (std::size_t lane = 0; lane < lanes.size(); ++lane) line[at(lane)] = '|';
  if (from == to) return line;
  const auto first = std::min(at(from), at(to));
  const auto last = std::max(at(from), at(to));
  for (auto i = first + 1; i < last; ++i) line[i] = '-';
  line[from < to ? last - 1 : first + 1] = from < to ? '>' : '<';
  return line;
}

std::string message_of(const CodePoints& codepoints, const Datagram& datagram) {
  DecodedMessage decoded;
  for (const auto& header : datagram.chain) {
    const auto octets = datagram.octets_of(header);
    if (header.type == ip_proto::icmpv6) {
      if (decode(codepoints, Carrier::icmpv6, octets, {}, decoded)) return info(decoded);
      return octets.empty() ? "ICMPv6" : fmt::format("ICMPv6 type {}", octets[0]);
    }
    if (header.type == ip_proto::udp) return "UDP";
    if (header.type == ip_proto::esp) return fmt::format("ESP, {} octets", octets.size());
    if (header.type != ip_proto::dstopts) continue;
    for (const auto& option : parse_header_options(octets)) {
      if (decode(codepoints, Carrier::dstopt, octets.subspan(option.offset, option.length), {},
                 decoded)) {
        return info(decoded);
      }
    }
  }
  if (datagram.is_fragment) return fmt::format("fragment, {} octets", datagram.octets.size());
  return fmt::format("{} octets", datagram.octets.size());
}

}  // namespace

std::string packet_line(const RouterDescription& description, const Keyring& keys, View octets) {
  const auto outer = parse_datagram(octets);
  if (!outer) return fmt::format("{} octets, not an IP datagram", octets.size());
  std::string under;
  for (const auto& header : outer->chain) {
    const auto head = ipsec_head(*outer, header);
    if ((header.type != ip_proto::ah && header.type != ip_proto::esp) || !head) continue;
    under += fmt::format("{} 0x{:x}/{}  ", header.type == ip_proto::ah ? "AH" : "ESP", head->spi,
                         head->sequence);
  }
  const auto opened = decapsulated(octets, keys);
  const auto inner = parse_datagram(opened);
  return under + message_of(description.codepoints, inner ? *inner : *outer);
}

std::string ladder(const RouterDescription& description, std::span<const TracedPacket> packets) {
  const auto keys = description.keyring();
  std::string text = fmt::format("{:{}}", "", time_width);
  for (const auto& lane : lanes) text += fmt::format("{:<{}}", lane, lane_width);
  text += '\n';
  for (const auto& packet : packets) {
    const auto outer = parse_datagram(packet.datagram);
    const auto from = outer ? lane_of(description, outer->source) : mobile_lane;
    const auto to = outer ? lane_of(description, outer->destination) : router_lane;
    const auto seconds = static_cast<double>(packet.time - packets.front().time) / 1e9;
    text += fmt::format("{:>{}.3f} s {}   {}\n", seconds, time_width - 3, arrow(from, to),
                        packet_line(description, keys, packet.datagram));
    const auto more = packet.comment.find("; ");
    if (more != std::string::npos) {
      text += fmt::format("{:{}}{}\n", "", time_width, packet.comment.substr(more + 2));
    }
  }
  return text;
}

}  // namespace secct::replay
