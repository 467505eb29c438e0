// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/received_packet.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ipsec/ah.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/esp.hpp"
#include "network/datagram.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/mip4.hpp"
#include "replay/inspect/message_rules.hpp"

namespace secct::replay {
namespace {

constexpr std::size_t echo_header_octets = 8;
constexpr std::size_t udp_header_octets = 8;

}  // namespace

bool ReceivedPacket::answers(const TrafficStep& traffic, std::uint16_t identifier,
                             std::uint16_t sequence) const {
  if (!datagram || decoded.message != Message::none) return false;
  const auto octets_of = [&](std::uint8_t type) {
    const auto* header = datagram->find(type);
    return header != nullptr ? datagram->octets_of(*header) : View();
  };
  const auto icmpv6 = octets_of(ip_proto::icmpv6);
  if (traffic.kind == TrafficStep::Kind::echo) {
    return icmpv6.size() >= echo_header_octets && icmpv6[0] == icmpv6_type::echo_reply &&
           big_endian(icmpv6.subspan(4, 2)) == identifier &&
           big_endian(icmpv6.subspan(6, 2)) == sequence;
  }
  if (!icmpv6.empty()) return icmpv6[0] == icmpv6_type::unreachable;
  const auto udp = octets_of(ip_proto::udp);
  return udp.size() >= udp_header_octets && big_endian(udp.first(2)) == traffic.destination_port &&
         big_endian(udp.subspan(2, 2)) == traffic.source_port;
}

std::string ReceivedPacket::name() const {
  if (decoded.message != Message::none) return std::string(message_info(decoded.message).name);
  if (registration_code) return std::string(message_info(Message::mip4_reply).name);
  const auto* icmpv6 = datagram ? datagram->find(ip_proto::icmpv6) : nullptr;
  const bool echo =
      icmpv6 != nullptr && icmpv6->length > 0 && octets[icmpv6->offset] == icmpv6_type::echo_reply;
  return echo ? "echo reply" : "a packet that is not SecCT";
}

void PacketInspector::check_sequence(const Sa& sa, std::uint32_t sequence, View iv,
                                     ReceivedPacket& packet) {
  auto& sender = senders_[{sa.spi, sa.destination}];
  const bool is_new = sender.sequence_numbers.insert(sequence).second;
  if (!is_new || sequence == 0) {
    packet.broken.push_back(
        {"ROBUST-12", sa.protocol == IpsecProtocol::ah ? "ah.sequence" : "esp.sequence",
         is_new ? "1 or more" : "a number that was not used before", std::to_string(sequence),
         is_new ? "sequence number is 0" : "sequence number is used twice"});
  }
  if (iv.empty()) return;
  Octets copy(iv.begin(), iv.end());
  if (std::ranges::find(sender.ivs, copy) != sender.ivs.end()) {
    packet.broken.push_back(
        {"ROBUST-11", "esp.iv", "a new IV", to_hex(iv), "ESP IV is used twice"});
  }
  constexpr std::size_t max_ivs = 1024;
  if (sender.ivs.size() < max_ivs) sender.ivs.push_back(std::move(copy));
}

void PacketInspector::decapsulate(const Keyring& keys, ReceivedPacket& packet) {
  for (std::size_t i = 0; i < max_nesting; ++i) {
    packet.datagram = parse_datagram(packet.octets);
    if (!packet.datagram) {
      packet.broken.push_back({"ROBUST-14", "", "", "", "packet is not a valid IP datagram"});
      return;
    }
    const auto* header = packet.datagram->find(ip_proto::ah);
    if (header == nullptr) header = packet.datagram->find(ip_proto::esp);
    if (header == nullptr) return;
    const auto head = ipsec_head(*packet.datagram, *header);
    const bool ah = header->type == ip_proto::ah;
    const auto* sa =
        head ? keys.find(head->protocol, head->spi, packet.datagram->destination) : nullptr;
    if (sa == nullptr) {
      packet.broken.push_back({"ROBUST-12", ah ? "ah.spi" : "esp.spi", "the SPI of a configured SA",
                               head ? fmt::format("0x{:08x}", head->spi) : "none", "unknown SPI"});
      return;
    }
    auto inner = ah ? decapsulate_ah(*packet.datagram, *header, *sa)
                    : decapsulate_esp(*packet.datagram, *header, *sa);
    if (inner.error != IpsecError::none) {
      const bool icv = inner.error == IpsecError::icv;
      packet.broken.push_back({"ROBUST-12",
                               ah    ? "ah.icv"
                               : icv ? "esp.icv"
                                     : "esp.pad_len",
                               "", "", icv ? "ICV is wrong" : "AH or ESP is malformed"});
      return;
    }
    const auto iv =
        ah ? View()
           : packet.datagram->octets_of(*header).subspan(esp_fixed_octets, iv_octets(sa->cipher));
    check_sequence(*sa, inner.sequence, iv, packet);
    packet.sas.push_back(*sa);
    packet.sequence_numbers.push_back(inner.sequence);
    packet.octets = std::move(inner.datagram);
  }
}

// The first SecCT message of the datagram itself: the router does not use other tunnels than those
// of its SAs.
void PacketInspector::decode_message(ReceivedPacket& packet) {
  Envelope envelope;
  envelope.source = packet.datagram->source;
  envelope.destination = packet.datagram->destination;
  envelope.hop_limit = packet.datagram->hop_limit;
  envelope.protection = packet.sas.empty()                                 ? Protection::none
                        : packet.sas.front().protocol == IpsecProtocol::ah ? Protection::ah
                                                                           : Protection::esp;
  frame_.inspect(packet.octets);
  const auto registration = frame_.registration();
  const auto* row = find_registration(registration);
  if (row != nullptr && row->carrier == Carrier::mip4_reply && frame_.innermost()->depth == 0) {
    packet.registration_code = registration[1];
  }
  for (const auto& message : frame_.messages()) {
    if (message.in.depth > 0) return;
    if (message.carrier == Carrier::mip4_request) continue;
    if (message.carrier == Carrier::mip4_reply && message.excess > 0) {
      const auto octets = message.octets.size();
      packet.broken.push_back({"ROBUST-14", "", fmt::format("at most {} octets", octets),
                               std::to_string(octets + message.excess),
                               "extension exceeds the Registration Reply"});
      return;
    }
    if (decode(codepoints_, message.carrier, message.octets, envelope, packet.decoded)) return;
  }
}

Octets decapsulated(View datagram, const Keyring& keys) {
  Octets octets(datagram.begin(), datagram.end());
  for (std::size_t i = 0; i < max_nesting; ++i) {
    const auto parsed = parse_datagram(octets);
    if (!parsed) break;
    const auto* header = parsed->find(ip_proto::ah);
    if (header == nullptr) header = parsed->find(ip_proto::esp);
    if (header == nullptr) break;
    const auto head = ipsec_head(*parsed, *header);
    const auto* sa = head ? keys.find(head->protocol, head->spi, parsed->destination) : nullptr;
    if (sa == nullptr) break;
    auto inner = header->type == ip_proto::ah ? decapsulate_ah(*parsed, *header, *sa)
                                              : decapsulate_esp(*parsed, *header, *sa);
    if (inner.error == IpsecError::malformed || inner.datagram.empty()) break;
    octets = std::move(inner.datagram);
  }
  return octets;
}

void PacketInspector::inspect(View datagram, const Keyring& keys, ReceivedPacket& packet) {
  packet.original.assign(datagram.begin(), datagram.end());
  packet.octets = packet.original;
  decapsulate(keys, packet);
  if (!packet.datagram) return;
  decode_message(packet);
  check_message_rules(packet.decoded, packet.broken);
}

}  // namespace secct::replay
