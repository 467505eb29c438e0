// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/ipsec/sample_packets.hpp"

#include <algorithm>

#include "ipsec/algorithms.hpp"
#include "ipsec/keyed_sa.hpp"
#include "tests/generator/support.hpp"

namespace secct::ipsec::test {
namespace {

using files::to_number;
using generator::test::address;
using generator::test::read_table;
using generator::test::table_octets;

Sample sample(const std::vector<std::string>& row) {
  Sample s;
  s.name = row.at(0);
  auto& sa = s.sa;
  sa.protocol = row.at(1) == "esp" ? IpsecProtocol::esp : IpsecProtocol::ah;
  sa.tunnel = row.at(2) == "tunnel";
  sa.spi = static_cast<std::uint32_t>(*to_number(row.at(3)));
  s.sequence = static_cast<std::uint32_t>(*to_number(row.at(4)));
  if (sa.tunnel) {
    sa.source = address(row.at(5));
    sa.destination = address(row.at(6));
  }
  sa.cipher = find_cipher(row.at(7)).value();
  sa.cipher_key = table_octets(row.at(8));
  sa.auth = find_auth_algorithm(row.at(9)).value();
  sa.auth_key = table_octets(row.at(10));
  s.plain = table_octets(row.at(11));
  s.secure = table_octets(row.at(12));
  return s;
}

bool is_v4(View datagram) { return datagram[0] >> 4 == 4; }

Octets outer_header(View datagram, const Sa& sa) {
  if (!sa.tunnel) {
    const std::size_t octets = is_v4(datagram) ? (datagram[0] & 15U) * 4U : ipv6_header_octets;
    return {datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(octets)};
  }
  Octets header{0x60, 0, 0, 0, 0, 0, 0, 64};
  append(header, sa.source);
  append(header, sa.destination);
  return header;
}

Octets ah_packet(const Sa& sa, std::uint32_t sequence, std::uint8_t next, View payload) {
  const auto octets = ah_fixed_octets + icv_octets;
  Octets packet{next, static_cast<std::uint8_t>(octets / 4 - 2), 0, 0};
  append_number(packet, sa.spi, 4);
  append_number(packet, sequence, 4);
  packet.resize(octets);
  append(packet, payload);
  return packet;
}

}  // namespace

const std::vector<Sample>& samples() {
  static const auto all = [] {
    std::vector<Sample> list;
    for (const auto& row : read_table("tests/vectors/ipsec.list")) list.push_back(sample(row));
    return list;
  }();
  return all;
}

Octets esp_packet(const Sa& sa, std::uint32_t sequence, std::uint8_t next, View payload,
                  const EspOptions& options) {
  auto esp = unencrypted_esp(sa, sequence, next, payload, options);
  KeyedSa keyed(sa);
  keyed.encrypt(esp.octets, esp.iv_octets, esp.iv_given, esp.plaintext_end);
  std::ranges::copy(keyed.icv(View(esp.octets).first(esp.plaintext_end)),
                    esp.octets.begin() + static_cast<std::ptrdiff_t>(esp.plaintext_end));
  return std::move(esp.octets);
}

Octets protect(View datagram, const Sa& sa, std::uint32_t sequence) {
  auto octets = outer_header(datagram, sa);
  const auto header_octets = octets.size();
  const bool esp = sa.protocol == IpsecProtocol::esp;
  const View payload = sa.tunnel ? datagram : datagram.subspan(header_octets);
  auto& outer_next = octets[is_v4(octets) ? 9 : 6];
  const auto next = !sa.tunnel ? outer_next : is_v4(datagram) ? ip_proto::ipv4 : ip_proto::ipv6;
  outer_next = esp ? ip_proto::esp : ip_proto::ah;
  append(octets,
         esp ? esp_packet(sa, sequence, next, payload) : ah_packet(sa, sequence, next, payload));
  update_ip_length(octets);
  if (!esp) {
    std::ranges::copy(
        ah_icv(octets, header_octets, sa),
        octets.begin() + static_cast<std::ptrdiff_t>(header_octets + ah_fixed_octets));
  }
  return octets;
}

Decapsulated decapsulate(View datagram, const Sa& sa) {
  Decapsulated malformed;
  malformed.error = IpsecError::malformed;
  const auto parsed = parse_datagram(datagram);
  const bool esp = sa.protocol == IpsecProtocol::esp;
  const auto* header = parsed ? parsed->find(esp ? ip_proto::esp : ip_proto::ah) : nullptr;
  if (header == nullptr) return malformed;
  return esp ? decapsulate_esp(*parsed, *header, sa) : decapsulate_ah(*parsed, *header, sa);
}

}  // namespace secct::ipsec::test
