// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/secrets.hpp"

#include <algorithm>

#include "network/datagram.hpp"
#include "protocol/checksum.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/mip4.hpp"

namespace secct::generator {
namespace {

constexpr std::uint8_t icmp = 1;
// Authentication extensions (RFC 3344 3.5): type, length, SPI, authenticator.
constexpr std::uint8_t first_mip_authentication = 32;
constexpr std::uint8_t last_mip_authentication = 34;
constexpr std::size_t mip_spi_octets = 4;

bool is_secret(Field field) {
  return field == Field::sa_key || field == Field::sa_iv || field == Field::data_auth_key ||
         field == Field::auth_token || field == Field::raw || field == Field::data_value;
}

class Finder {
 public:
  Finder(const CodePoints& codepoints, View octets) : codepoints_(codepoints), octets_(octets) {}

  Secrets take() { return std::move(found_); }

  void datagram(View octets, std::size_t depth) {
    if (depth > max_nesting) return;
    const auto found = parse_partial_datagram(octets);
    if (!found) return;
    if (found->is_fragment && found->chain.empty()) {
      return hide(octets.subspan(std::min<std::size_t>(found->header_octets, octets.size())));
    }
    for (const auto& header : found->chain) part(*found, header, depth);
    if (found->is_fragment) {  // what is behind the Fragment header
      const auto& last = found->chain.back();
      hide(found->octets.subspan(last.offset + last.length));
    }
  }

 private:
  std::size_t place(View part) const {
    return static_cast<std::size_t>(part.data() - octets_.data());
  }
  void hide(View part, bool is_value = false) {
    if (!part.empty()) found_.spots.push_back({place(part), part.size(), is_value});
  }

  void part(const Datagram& outer, const Header& header, std::size_t depth) {
    const auto octets = outer.octets_of(header);
    switch (header.type) {
      case ip_proto::hop_by_hop:
      case ip_proto::dstopts: options(outer, octets); break;
      case ip_proto::ah:
        if (octets.size() > ah_fixed_octets) hide(octets.subspan(ah_fixed_octets));
        break;
      case ip_proto::esp:
        if (octets.size() > esp_fixed_octets) hide(octets.subspan(esp_fixed_octets));
        break;
      case ip_proto::icmpv6:
        sum(outer, octets, ip_proto::icmpv6, row(HeaderField::icmpv6_checksum));
        if (!message(outer, Carrier::icmpv6, octets)) error(octets, depth);
        break;
      case icmp: error(octets, depth); break;
      case ip_proto::udp: udp(outer, octets); break;
      case ip_proto::ipv4:
      case ip_proto::ipv6: datagram(octets, depth + 1); break;
      default: break;
    }
  }

  // ICMP errors quote the packet that they are about.
  void error(View octets, std::size_t depth) {
    constexpr std::size_t quoted = 8;
    if (octets.size() > quoted) datagram(octets.subspan(quoted), depth + 1);
  }

  void options(const Datagram& outer, View header) {
    const auto list = parse_header_options(header);
    for (const auto& option : list) {
      message(outer, Carrier::dstopt, header.subspan(option.offset, option.length));
    }
    // A header that cannot be followed may hold anything.
    if (list.empty() && header.size() > 2) hide(header.subspan(2));
  }

  void udp(const Datagram& outer, View octets) {
    const auto payload = registration_payload(octets);
    if (payload.empty()) return;
    if (read_bits(octets, row(HeaderField::udp_checksum)) != 0) {
      sum(outer, octets, ip_proto::udp, row(HeaderField::udp_checksum));
    }
    const auto* registration = find_registration(payload);
    if (registration == nullptr) return;
    MipExtensions extensions(payload.subspan(registration->fixed_octets));
    while (const auto found = extensions.next()) {
      const auto extension = found->octets;
      const bool proof =
          extension[0] >= first_mip_authentication && extension[0] <= last_mip_authentication;
      if (proof && extension.size() > 2 + mip_spi_octets)
        hide(extension.subspan(2 + mip_spi_octets));
      message(outer, registration->carrier, extension);
    }
  }

  void sum(const Datagram& outer, View octets, std::uint8_t protocol, const HeaderRow& field) {
    if (octets.size() < (field.bit + field.bits) / 8U) return;
    found_.sums.push_back({place(octets) + field.bit / 8U, place(octets), octets.size(), protocol,
                           outer.source, outer.destination, outer.v4});
  }

  bool message(const Datagram& outer, Carrier carrier, View octets) {
    Envelope envelope;
    envelope.source = outer.source;
    envelope.destination = outer.destination;
    envelope.complete = false;
    if (!decode(codepoints_, carrier, octets, envelope, decoded_)) return false;
    for (std::size_t i = 0; i < decoded_.fields.size(); ++i) {
      const auto& item = decoded_.fields[i];
      // Additional data of a known type are looked into.
      const bool looked_into = item.end > i + 1;
      if (item.generated || looked_into || !is_secret(item.field)) continue;
      hide(octets.subspan(item.offset, item.length),
           item.field != Field::raw && item.field != Field::data_value);
    }
    return true;
  }

  const CodePoints& codepoints_;
  View octets_;
  DecodedMessage decoded_;
  Secrets found_;
};

}  // namespace

Secrets find_secrets(const CodePoints& codepoints, LinkType link, View octets) {
  Finder finder(codepoints, octets);
  if (const auto at = network_offset(link, octets)) finder.datagram(octets.subspan(*at), 0);
  return finder.take();
}

std::uint16_t right_sum(const SumSpot& sum, View octets) {
  const auto covered = octets.subspan(sum.from, sum.octets);
  const auto written = big_endian(octets.subspan(sum.at, 2));  // taken out by its complement
  const std::size_t skip = sum.v4 && sum.protocol == ip_proto::udp ? 12 : 0;
  const auto total = sum_of(View(sum.source).subspan(skip)) +
                     sum_of(View(sum.destination).subspan(skip)) + sum.octets + sum.protocol +
                     sum_of(covered) + (0xffff - written);
  const auto result = internet_checksum(total);
  return sum.protocol == ip_proto::udp && result == 0 ? 0xffff : result;
}

}  // namespace secct::generator
