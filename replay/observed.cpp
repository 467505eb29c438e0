// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/observed.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/crypto.hpp"
#include "protocol/decode.hpp"
#include "replay/lint.hpp"

namespace secct {
namespace {

constexpr std::uint8_t echo_reply = 129;
constexpr int max_nesting = 8;

}  // namespace

bool Observed::is_echo_reply() const {
  if (!datagram || tape.message != Message::none) return false;
  const auto* header = datagram->find(ip_proto::icmpv6);
  return header != nullptr && header->length > 0 && octets[header->offset] == echo_reply;
}

std::string Observed::name() const {
  constexpr std::string_view names[] = {"",          "hi",   "hack",   "shreq", "shrep",
                                        "shrep-ack", "shin", "p-shin", "shak",  "mip4-reply"};
  if (tape.message != Message::none) {
    return std::string(names[static_cast<std::size_t>(tape.message)]);
  }
  return is_echo_reply() ? "echo reply" : "a packet that is not SecCT";
}

void Observer::check_sequence(const Sa& sa, std::uint32_t sequence, View iv, Observed& seen) {
  auto& sender = senders_[{sa.spi, sa.destination}];
  if (sequence <= sender.sequence) {
    seen.broken.push_back({"ROBUST-12",
                           sa.protocol == IpsecProtocol::ah ? "ah.sequence" : "esp.sequence",
                           fmt::format("more than {}", sender.sequence), std::to_string(sequence),
                           "the sequence number does not rise"});
  }
  sender.sequence = std::max(sender.sequence, sequence);
  if (iv.empty()) return;
  Octets copy(iv.begin(), iv.end());
  if (std::ranges::find(sender.ivs, copy) != sender.ivs.end()) {
    seen.broken.push_back({"ROBUST-11", "esp.iv", "a new one", to_hex(iv), "an IV is used twice"});
  }
  constexpr std::size_t remembered = 1024;
  if (sender.ivs.size() < remembered) sender.ivs.push_back(std::move(copy));
}

void Observer::open(const Keyring& keys, Observed& seen) {
  for (int i = 0; i < max_nesting; ++i) {
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
    seen.octets = std::move(opened.datagram);
  }
}

void Observer::decode_message(Observed& seen) {
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
        decode(codepoints_, Carrier::icmpv6, octets, envelope, seen.tape)) {
      return;
    }
    if (header.type != ip_proto::dstopts) continue;
    for (const auto& option : parse_header_options(octets)) {
      if (decode(codepoints_, Carrier::dstopt, octets.subspan(option.offset, option.length),
                 envelope, seen.tape)) {
        return;
      }
    }
  }
}

void Observer::observe(View datagram, const Keyring& keys, Observed& seen) {
  seen.original.assign(datagram.begin(), datagram.end());
  seen.octets = seen.original;
  open(keys, seen);
  if (!seen.datagram) return;
  decode_message(seen);
  lint(seen.tape, seen.broken);
}

}  // namespace secct
