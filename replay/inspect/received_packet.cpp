// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/received_packet.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ipsec/crypto.hpp"
#include "network/datagram.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/mip4.hpp"
#include "replay/inspect/message_rules.hpp"

namespace secct::replay {
namespace {

constexpr std::size_t echo_head = 8;
constexpr std::size_t udp_head = 8;

}  // namespace

bool ReceivedPacket::answers(const TrafficStep& traffic, std::uint16_t identifier,
                             std::uint16_t number) const {
  if (!datagram || decoded.message != Message::none) return false;
  const auto octets_of = [&](std::uint8_t type) {
    const auto* header = datagram->find(type);
    return header != nullptr ? datagram->octets_of(*header) : View();
  };
  const auto icmpv6 = octets_of(ip_proto::icmpv6);
  if (traffic.kind == TrafficStep::Kind::echo) {
    return icmpv6.size() >= echo_head && icmpv6[0] == icmpv6_type::echo_reply &&
           big_endian(icmpv6.subspan(4, 2)) == identifier &&
           big_endian(icmpv6.subspan(6, 2)) == number;
  }
  if (!icmpv6.empty()) return icmpv6[0] == icmpv6_type::unreachable;
  const auto udp = octets_of(ip_proto::udp);
  return udp.size() >= udp_head && big_endian(udp.first(2)) == traffic.destination_port &&
         big_endian(udp.subspan(2, 2)) == traffic.source_port;
}

std::string ReceivedPacket::name() const {
  constexpr std::string_view names[] = {"",          "hi",   "hack",   "shreq", "shrep",
                                        "shrep-ack", "shin", "p-shin", "shak",  "mip4-reply"};
  if (decoded.message != Message::none) {
    return std::string(names[static_cast<std::size_t>(decoded.message)]);
  }
  if (registration_code) return "mip4-reply";
  const auto* icmpv6 = datagram ? datagram->find(ip_proto::icmpv6) : nullptr;
  const bool echo =
      icmpv6 != nullptr && icmpv6->length > 0 && octets[icmpv6->offset] == icmpv6_type::echo_reply;
  return echo ? "echo reply" : "a packet that is not SecCT";
}

void PacketInspector::check_sequence(const Sa& sa, std::uint32_t sequence, View iv,
                                     ReceivedPacket& seen) {
  auto& sender = senders_[{sa.spi, sa.destination}];
  const auto highest = sender.numbers.highest();
  const bool is_new = sender.numbers.accept(sequence);
  const bool late = sequence <= highest;
  if (late && !(is_new && order_ == Order::may_change)) {
    const bool twice = !is_new && sequence != 0 && highest - sequence < sender.numbers.size();
    seen.broken.push_back(
        {"ROBUST-12", sa.protocol == IpsecProtocol::ah ? "ah.sequence" : "esp.sequence",
         fmt::format("more than {}", highest), std::to_string(sequence),
         twice ? "a sequence number is used twice" : "the sequence number does not rise"});
  }
  if (iv.empty()) return;
  Octets copy(iv.begin(), iv.end());
  if (std::ranges::find(sender.ivs, copy) != sender.ivs.end()) {
    seen.broken.push_back({"ROBUST-11", "esp.iv", "a new one", to_hex(iv), "an IV is used twice"});
  }
  constexpr std::size_t remembered = 1024;
  if (sender.ivs.size() < remembered) sender.ivs.push_back(std::move(copy));
}

void PacketInspector::open(const Keyring& keys, ReceivedPacket& seen) {
  for (std::size_t i = 0; i < max_nesting; ++i) {
    seen.datagram = parse_datagram(seen.octets);
    if (!seen.datagram) {
      seen.broken.push_back({"ROBUST-14", "", "an IP datagram", "", "the packet cannot be parsed"});
      return;
    }
    const auto* header = seen.datagram->find(ip_proto::ah);
    if (header == nullptr) header = seen.datagram->find(ip_proto::esp);
    if (header == nullptr) return;
    const auto head = ipsec_head(*seen.datagram, *header);
    const bool ah = header->type == ip_proto::ah;
    const auto* sa =
        head ? keys.find(head->protocol, head->spi, seen.datagram->destination) : nullptr;
    if (sa == nullptr) {
      seen.broken.push_back({"ROBUST-12", ah ? "ah.spi" : "esp.spi", "the SPI of a known SA",
                             head ? fmt::format("0x{:08x}", head->spi) : "none",
                             "the packet is under an SA that nobody agreed on"});
      return;
    }
    auto opened =
        ah ? open_ah(*seen.datagram, *header, *sa) : open_esp(*seen.datagram, *header, *sa);
    if (opened.refusal != Refusal::none) {
      const bool icv = opened.refusal == Refusal::icv;
      seen.broken.push_back({"ROBUST-12",
                             ah    ? "ah.icv"
                             : icv ? "esp.icv"
                                   : "esp.pad_len",
                             "the right one", "another",
                             icv ? "the ICV is wrong" : "AH or ESP is malformed"});
      return;
    }
    const auto iv =
        ah ? View()
           : seen.datagram->octets_of(*header).subspan(esp_fixed_octets, iv_octets(sa->cipher));
    check_sequence(*sa, opened.sequence, iv, seen);
    seen.under.push_back(*sa);
    seen.numbers.push_back(opened.sequence);
    seen.octets = std::move(opened.datagram);
  }
}

// A Registration Reply (RFC 3344 3.4) and the SecCT extension in it.
void PacketInspector::decode_registration(View udp, const Envelope& envelope,
                                          ReceivedPacket& seen) {
  const auto payload = registration_payload(udp);
  const auto* registration = find_registration(payload);
  if (registration == nullptr || registration->carrier != Carrier::mip4_reply) return;
  seen.registration_code = payload[1];
  MipExtensions extensions(payload.subspan(registration->fixed_octets));
  while (const auto extension = extensions.next()) {
    if (!extension->whole()) {
      seen.broken.push_back({"ROBUST-14", "", "an extension within the Reply",
                             std::to_string(extension->claimed), "an extension runs past the end"});
      return;
    }
    if (decode(codepoints_, registration->carrier, extension->octets, envelope, seen.decoded))
      return;
  }
}

void PacketInspector::decode_message(ReceivedPacket& seen) {
  Envelope envelope;
  envelope.source = seen.datagram->source;
  envelope.destination = seen.datagram->destination;
  envelope.hop_limit = seen.datagram->hop_limit;
  envelope.protection = seen.under.empty()                                 ? Protection::none
                        : seen.under.front().protocol == IpsecProtocol::ah ? Protection::ah
                                                                           : Protection::esp;
  for (const auto& header : seen.datagram->chain) {
    const auto octets = seen.datagram->octets_of(header);
    if (header.type == ip_proto::icmpv6 &&
        decode(codepoints_, Carrier::icmpv6, octets, envelope, seen.decoded)) {
      return;
    }
    if (header.type == ip_proto::udp) decode_registration(octets, envelope, seen);
    if (header.type != ip_proto::dstopts) continue;
    for (const auto& option : parse_header_options(octets)) {
      if (decode(codepoints_, Carrier::dstopt, octets.subspan(option.offset, option.length),
                 envelope, seen.decoded)) {
        return;
      }
    }
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
    auto opened = header->type == ip_proto::ah ? open_ah(*parsed, *header, *sa)
                                               : open_esp(*parsed, *header, *sa);
    if (opened.refusal == Refusal::malformed || opened.datagram.empty()) break;
    octets = std::move(opened.datagram);
  }
  return octets;
}

void PacketInspector::observe(View datagram, const Keyring& keys, ReceivedPacket& seen) {
  seen.original.assign(datagram.begin(), datagram.end());
  seen.octets = seen.original;
  open(keys, seen);
  if (!seen.datagram) return;
  decode_message(seen);
  check_message_rules(seen.decoded, seen.broken);
}

}  // namespace secct::replay
