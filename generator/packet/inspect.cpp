// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/packet/inspect.hpp"

#include <algorithm>

#include "ipsec/esp.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/mip4.hpp"

namespace secct::generator {
namespace {

class MessageFinder {
 public:
  MessageFinder(const CodePoints& codepoints, const Keyring& keys)
      : codepoints_(codepoints), keys_(keys) {}

  Inspected take() { return std::move(result_); }

  // `outer` is the protection of the tunnel that contains the datagram.
  void datagram(View octets, Protection outer, std::size_t depth) {
    const auto found = parse_datagram(octets);
    if (!found || found->is_fragment || depth > max_nesting) return;
    auto protection = found->protection();
    if (protection == Protection::none) protection = outer;
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
    const auto inner = decapsulate_esp(outer, header, *sa);
    if (inner.error == IpsecError::none) datagram(inner.datagram, Protection::esp, depth + 1);
  }

  void options(const Datagram& outer, View header, Protection protection) {
    constexpr std::size_t first_option = 2;  // after Next Header and length
    for (auto at = first_option; at < header.size();) {
      // An option with a wrong length is decoded up to the end of the header; Pad1 has one octet.
      const std::size_t length =
          header[at] == 0 || header.size() - at < 2 ? 1 : header[at + 1] + 2U;
      const auto available = std::min(length, header.size() - at);
      if (available > 1) message(outer, Carrier::dstopt, header.subspan(at, available), protection);
      at += available;
    }
  }

  void mobile_ip(const Datagram& outer, View udp) {
    const auto payload = registration_payload(udp);
    const auto* row = find_registration(payload);
    if (row == nullptr) return;
    // An extension with a wrong length is decoded up to the end of the datagram.
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
    if (result_.message == Message::none) {
      result_.message = decoded_.message;
      result_.message_octets = octets.size();
    }
    for (const auto& problem : decoded_.problems) {
      if (std::ranges::find(result_.rules, problem.rule) == result_.rules.end()) {
        result_.rules.push_back(problem.rule);
      }
    }
  }

  const CodePoints& codepoints_;
  const Keyring& keys_;
  DecodedMessage decoded_;
  Inspected result_;
};

}  // namespace

Inspected inspect(const CodePoints& codepoints, const Keyring& keys, LinkType link, View octets) {
  const auto at = network_offset(link, octets);
  if (!at) return {};
  MessageFinder finder(codepoints, keys);
  finder.datagram(octets.subspan(*at), Protection::none, 0);
  return finder.take();
}

}  // namespace secct::generator
