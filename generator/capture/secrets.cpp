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

class SecretFinder {
 public:
  SecretFinder(const CodePoints& codepoints, View octets)
      : codepoints_(codepoints), octets_(octets) {}

  Secrets take() { return std::move(found_); }

  void datagram(View octets, std::size_t depth) {
    if (depth > max_nesting) return;
    const auto found = parse_partial_datagram(octets);
    if (!found) return;
    if (found->is_fragment && found->chain.empty()) {
      return hide(octets.subspan(std::min<std::size_t>(found->header_octets, octets.size())));
    }
    for (const auto& header : found->chain) part(*found, header, depth);
    if (found->is_fragment) {  // the octets after the Fragment header
      const auto& last = found->chain.back();
      hide(found->octets.subspan(last.offset + last.length));
    }
  }

 private:
  std::size_t offset_of(View part) const {
    return static_cast<std::size_t>(part.data() - octets_.data());
  }
  void hide(View part, bool is_value = false) {
    if (!part.empty()) found_.ranges.push_back({offset_of(part), part.size(), is_value});
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
        checksum(outer, octets, ip_proto::icmpv6, row(HeaderField::icmpv6_checksum));
        if (!message(outer, Carrier::icmpv6, octets)) error(octets, depth);
        break;
      case icmp: error(octets, depth); break;
      case ip_proto::udp: udp(outer, octets); break;
      case ip_proto::ipv4:
      case ip_proto::ipv6: datagram(octets, depth + 1); break;
      default: break;
    }
  }

  // ICMP errors contain the packet that caused them.
  void error(View octets, std::size_t depth) {
    constexpr std::size_t quoted = 8;
    if (octets.size() > quoted) datagram(octets.subspan(quoted), depth + 1);
  }

  void options(const Datagram& outer, View header) {
    const auto list = parse_header_options(header);
    for (const auto& option : list) {
      message(outer, Carrier::dstopt, header.subspan(option.offset, option.length));
    }
    // Options that cannot be parsed may contain secrets.
    if (list.empty() && header.size() > 2) hide(header.subspan(2));
  }

  void udp(const Datagram& outer, View octets) {
    const auto payload = registration_payload(octets);
    if (payload.empty()) return;
    if (read_bits(octets, row(HeaderField::udp_checksum)) != 0) {
      checksum(outer, octets, ip_proto::udp, row(HeaderField::udp_checksum));
    }
    const auto* registration = find_registration(payload);
    if (registration == nullptr) return;
    MipExtensions extensions(payload.subspan(registration->fixed_octets));
    while (const auto found = extensions.next()) {
      const auto extension = found->octets;
      const bool is_authentication =
          extension[0] >= first_mip_authentication && extension[0] <= last_mip_authentication;
      if (is_authentication && extension.size() > 2 + mip_spi_octets) {
        hide(extension.subspan(2 + mip_spi_octets));
      }
      message(outer, registration->carrier, extension);
    }
  }

  void checksum(const Datagram& outer, View octets, std::uint8_t protocol, const HeaderRow& field) {
    if (octets.size() < (field.bit + field.bits) / 8U) return;
    found_.checksums.push_back({offset_of(octets) + field.bit / 8U, offset_of(octets),
                                octets.size(), protocol, outer.source, outer.destination,
                                outer.v4});
  }

  bool message(const Datagram& outer, Carrier carrier, View octets) {
    Envelope envelope;
    envelope.source = outer.source;
    envelope.destination = outer.destination;
    envelope.complete = false;
    if (!decode(codepoints_, carrier, octets, envelope, decoded_)) return false;
    for (std::size_t i = 0; i < decoded_.fields.size(); ++i) {
      const auto& field = decoded_.fields[i];
      // Additional data of a known type: its fields follow.
      const bool has_fields = field.end > i + 1;
      if (field.generated || has_fields || !is_secret(field.field)) continue;
      hide(octets.subspan(field.offset, field.length),
           field.field != Field::raw && field.field != Field::data_value);
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
  SecretFinder finder(codepoints, octets);
  if (const auto at = network_offset(link, octets)) finder.datagram(octets.subspan(*at), 0);
  return finder.take();
}

std::uint16_t correct_checksum(const CoveringChecksum& checksum, View octets) {
  const auto covered = octets.subspan(checksum.from, checksum.octets);
  // Adding the complement of the written checksum removes it from the sum.
  const auto written = big_endian(octets.subspan(checksum.at, 2));
  const bool udp = checksum.protocol == ip_proto::udp;
  const std::size_t skip = checksum.v4 && udp ? 12 : 0;  // the prefix of IPv4-mapped addresses
  const auto sum = sum_of(View(checksum.source).subspan(skip)) +
                   sum_of(View(checksum.destination).subspan(skip)) + checksum.octets +
                   checksum.protocol + sum_of(covered) + (0xffff - written);
  const auto result = internet_checksum(sum);
  return udp && result == 0 ? 0xffff : result;  // RFC 768
}

}  // namespace secct::generator
