// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/packet/inspect.hpp"

#include <algorithm>

#include "ipsec/ah_esp.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/mip4.hpp"

namespace secct::generator {
namespace {

class Inspector {
 public:
  Inspector(const CodePoints& codepoints, const Keyring& keys)
      : codepoints_(codepoints), keys_(keys) {}

  Inspected take() { return std::move(seen_); }

  void datagram(View octets, Protection around, std::size_t depth) {
    const auto found = parse_datagram(octets);
    if (!found || found->is_fragment || depth > max_nesting) return;
    auto protection = found->protection();
    if (protection == Protection::none) protection = around;
    for (const auto& header : found->chain) {
      const auto part = found->octets_of(header);
      switch (header.type) {
        case ip_proto::hop_by_hop:
        case ip_proto::dstopts: options(*found, part, protection); break;
        case ip_proto::icmpv6: message(*found, Carrier::icmpv6, part, protection); break;
        case ip_proto::udp: mobile_ip(*found, part); break;
        case ip_proto::esp: esp(*found, header, depth); return;
        case ip_proto::ipv4:
        case ip_proto::ipv6: datagram(part, protection, depth + 1); break;
        default: break;
      }
    }
  }

 private:
  void esp(const Datagram& outer, const Header& header, std::size_t depth) {
    const auto head = ipsec_head(outer, header);
    const auto* sa = head ? keys_.find(IpsecProtocol::esp, head->spi, outer.destination) : nullptr;
    if (sa == nullptr) return;
    const auto opened = open_esp(outer, header, *sa);
    if (opened.refusal == Refusal::none) datagram(opened.datagram, Protection::esp, depth + 1);
  }

  void options(const Datagram& outer, View header, Protection protection) {
    constexpr std::size_t header_head = 2;
    for (auto at = header_head; at < header.size();) {
      // An option whose length lies is decoded as far as it goes; Pad1 is its type alone.
      const std::size_t length =
          header[at] == 0 || header.size() - at < 2 ? 1 : header[at + 1] + 2U;
      const auto there = std::min(length, header.size() - at);
      if (there > 1) message(outer, Carrier::dstopt, header.subspan(at, there), protection);
      at += there;
    }
  }

  void mobile_ip(const Datagram& outer, View udp) {
    const auto payload = registration_payload(udp);
    const auto* row = find_registration(payload);
    if (row == nullptr) return;
    // An extension whose length lies is decoded as far as it goes.
    MipExtensions extensions(payload.subspan(row->fixed_octets));
    while (const auto extension = extensions.next()) {
      message(outer, row->carrier, extension->octets, Protection::unknown);
    }
  }

  void message(const Datagram& outer, Carrier carrier, View octets, Protection protection) {
    Envelope envelope;
    envelope.source = outer.source;
    envelope.destination = outer.destination;
    envelope.hop_limit = outer.hop_limit;
    envelope.protection = protection;
    if (!decode(codepoints_, carrier, octets, envelope, decoded_)) return;
    if (seen_.message == Message::none) {
      seen_.message = decoded_.message;
      seen_.message_octets = octets.size();
    }
    for (const auto& problem : decoded_.problems) {
      if (std::ranges::find(seen_.rules, problem.rule) == seen_.rules.end()) {
        seen_.rules.push_back(problem.rule);
      }
    }
  }

  const CodePoints& codepoints_;
  const Keyring& keys_;
  DecodedMessage decoded_;
  Inspected seen_;
};

}  // namespace

Inspected inspect(const CodePoints& codepoints, const Keyring& keys, LinkType link, View octets) {
  const auto at = network_offset(link, octets);
  if (!at) return {};
  Inspector inspector(codepoints, keys);
  inspector.datagram(octets.subspan(*at), Protection::none, 0);
  return inspector.take();
}

}  // namespace secct::generator
