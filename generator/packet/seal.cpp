// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/packet/seal.hpp"

#include <algorithm>

#include "generator/packet/builder.hpp"
#include "network/write_number.hpp"
#include "protocol/checksum.hpp"
#include "protocol/decode/keyed_input.hpp"

namespace secct::generator {
namespace {

constexpr std::size_t checksum_octets = 2;
constexpr std::size_t address_octets = 16;
constexpr std::size_t v4_octets = 4;

// The sum of the pseudo-header; without an IP header, it has no addresses.
std::uint64_t pseudo_header(View packet, const Seal& seal) {
  std::uint64_t sum = seal.end - seal.at + seal.protocol;
  if (!seal.ip) return sum;
  const auto datagram = packet.subspan(*seal.ip);
  const auto octets = seal.v4 ? v4_octets : address_octets;
  return sum + sum_of(datagram.subspan(seal.source_at, octets)) +
         sum_of(datagram.subspan(seal.destination_at, octets));
}

}  // namespace

UnsealedPacket lay_out(const CodePoints& codepoints, const Keyring& keys,
                       const PacketDocument& packet) {
  return Builder(codepoints, keys, packet).run();
}

void Seal::move(std::size_t by) {
  at += by;
  end += by;
  place += by;
  if (ip) *ip += by;
}

void write_checksum(std::span<std::uint8_t> packet, const Seal& seal) {
  const auto field = packet.subspan(seal.place, checksum_octets);
  write_number(field, 0);
  const auto pseudo = seal.protocol == 0 ? 0 : pseudo_header(packet, seal);
  auto checksum = internet_checksum(pseudo + sum_of(packet.subspan(seal.at, seal.end - seal.at)));
  // RFC 768: zero means that there is no checksum.
  if (seal.protocol == ip_proto::udp && checksum == 0) checksum = 0xffff;
  write_number(field, static_cast<std::uint64_t>(checksum + seal.shift));
}

void write_token(std::span<std::uint8_t> packet, const Seal& seal, View hmac) {
  constexpr std::size_t token_octets = 4;
  const auto field = packet.subspan(seal.at, token_octets);
  write_number(field, token_of(hmac));
  add_to(field, seal.shift);
}

void seal_ah(std::span<std::uint8_t> packet, const Seal& seal, KeyedSa& sa) {
  const auto datagram = packet.subspan(*seal.ip, seal.end - *seal.ip);
  const auto icv = sa.ah_icv(datagram, seal.coverage);
  const auto field = packet.subspan(seal.at + ah_fixed_octets, icv.size());
  std::ranges::copy(icv, field.begin());
  add_to(field, seal.shift);
}

void seal_esp(std::span<std::uint8_t> packet, const Seal& seal, KeyedSa& sa) {
  const auto octets = packet.subspan(seal.at);
  const auto plaintext_end = seal.end - seal.at;
  sa.encrypt(octets, seal.iv_octets, seal.iv_given, plaintext_end);
  if (seal.icv_given) return;
  const auto icv = sa.icv(octets.first(plaintext_end));
  const auto field = octets.subspan(plaintext_end, icv.size());
  std::ranges::copy(icv, field.begin());
  add_to(field, seal.shift);
}

}  // namespace secct::generator
