// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/ipsec.hpp"

#include <algorithm>

#include "generator/crypto.hpp"

namespace secct {
namespace {

constexpr std::uint8_t option_changes = 0x20;  // chg: data may change en route (RFC 2460 4.2)
constexpr std::size_t esp_trailer_octets = 2;  // pad length, next header
constexpr std::uint8_t tunnel_hop_limit = 64;

void zero(Octets& octets, std::size_t from, std::size_t count) {
  std::fill_n(octets.begin() + static_cast<std::ptrdiff_t>(from), count, std::uint8_t{0});
}

// RFC 2402 appendix A: options of IPv4 that routers change are taken as zero, all of them but
// these.
void zero_mutable_options(Octets& octets) {
  constexpr std::uint8_t end_of_options = 0;
  constexpr std::uint8_t immutable[] = {1, 130, 133, 134, 148, 149};  // NOP, security, alerts
  const std::size_t end = std::min<std::size_t>((octets[0] & 15U) * 4U, octets.size());
  constexpr std::size_t fixed_octets = 20;
  for (auto at = fixed_octets; at < end && octets[at] != end_of_options;) {
    const bool alone = octets[at] == 1;  // NOP has no length
    const std::size_t length = alone ? 1 : at + 1 < end ? octets[at + 1] : 0;
    if (length == 0 || length > end - at) return;
    if (std::ranges::find(immutable, octets[at]) == std::end(immutable)) zero(octets, at, length);
    at += length;
  }
}

// RFC 2402 3.3.3.1: fields that routers on the way may change.
void zero_mutable(Octets& octets) {
  const auto datagram = parse_datagram(octets);
  if (octets[0] >> 4 == 4) {
    zero(octets, 1, 1);   // TOS
    zero(octets, 6, 2);   // flags, fragment offset
    zero(octets, 8, 1);   // TTL
    zero(octets, 10, 2);  // header checksum
    zero_mutable_options(octets);
    return;
  }
  octets[0] = 0x60;  // class and flow label
  zero(octets, 1, 3);
  zero(octets, 7, 1);  // hop limit
  if (!datagram) return;
  for (const auto& header : datagram->chain) {
    if (header.type != ip_proto::hop_by_hop && header.type != ip_proto::dstopts) continue;
    for (const auto& option : parse_header_options(datagram->octets_of(header))) {
      const auto at = header.offset + option.offset;
      if ((octets[at] & option_changes) != 0 && option.length > 2) {
        zero(octets, at + 2, option.length - 2);
      }
    }
  }
}

// The IP header of `datagram` with another payload behind it.
Octets with_payload(View header, std::uint8_t next, View payload) {
  Octets octets(header.begin(), header.end());
  const bool v4 = octets[0] >> 4 == 4;
  append(octets, payload);
  const auto length = v4 ? octets.size() : octets.size() - ipv6_header_octets;
  const std::size_t length_at = v4 ? 2 : 4;
  octets[length_at] = static_cast<std::uint8_t>(length >> 8);
  octets[length_at + 1] = static_cast<std::uint8_t>(length);
  octets[v4 ? 9 : 6] = next;
  if (v4) {
    zero(octets, 10, 2);
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < header.size(); i += 2) {
      sum += static_cast<std::uint32_t>(octets[i] << 8 | octets[i + 1]);
    }
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    octets[10] = static_cast<std::uint8_t>(~sum >> 8);
    octets[11] = static_cast<std::uint8_t>(~sum);
  }
  return octets;
}

Octets tunnel_header(const Sa& sa) {
  Octets header{0x60, 0, 0, 0, 0, 0, 0, tunnel_hop_limit};
  append(header, sa.source);
  append(header, sa.destination);
  return header;
}

Octets ah_header(const Sa& sa, std::uint32_t sequence, std::uint8_t next) {
  const auto octets = ah_fixed_octets + icv_octets;
  Octets header{next, static_cast<std::uint8_t>(octets / 4 - 2), 0, 0};
  append_number(header, sa.spi, 4);
  append_number(header, sequence, 4);
  header.resize(octets);
  return header;
}

// What stood behind AH or in ESP: in tunnel mode a datagram of its own, else the payload of this
// one.
Octets inner_datagram(const Datagram& datagram, const Header& header, std::uint8_t next,
                      View payload) {
  if (next == ip_proto::ipv6 || next == ip_proto::ipv4) return {payload.begin(), payload.end()};
  auto octets = with_payload(datagram.octets.first(header.offset), next, payload);
  // Extension headers before AH or ESP: the last one names what follows now.
  const auto* previous = &header - 1;
  if (!datagram.chain.empty() && &header != datagram.chain.data()) {
    octets[datagram.v4 ? 9 : 6] = datagram.octets[datagram.v4 ? 9 : 6];
    octets[previous->offset] = next;
  }
  return octets;
}

std::uint8_t first_payload(View datagram) { return datagram[datagram[0] >> 4 == 4 ? 9 : 6]; }

std::size_t header_octets(View datagram) {
  return datagram[0] >> 4 == 4 ? (datagram[0] & 15U) * 4U : ipv6_header_octets;
}

}  // namespace

Octets ah_icv(View datagram, std::size_t ah_offset, const Sa& sa) {
  Octets octets(datagram.begin(), datagram.end());
  zero_mutable(octets);
  // Whatever the length field says: it may be what is wrong with the packet.
  zero(octets, ah_offset + ah_fixed_octets, icv_octets);
  return icv_of(sa.auth, sa.auth_key, octets);
}

Octets make_iv(const Sa& sa, std::uint32_t sequence) {
  const auto size = iv_octets(sa.cipher);
  if (size == 0) return {};
  Octets unique;
  append_number(unique, sa.spi, 4);
  append_number(unique, sequence, 4);
  auto iv = hmac_sha1(sa.cipher_key, unique);
  iv.resize(size);
  return iv;
}

Octets esp_packet(const Sa& sa, std::uint32_t sequence, std::uint8_t next, View payload,
                  const EspOptions& options) {
  const auto iv = options.iv.value_or(make_iv(sa, sequence));
  const auto align = std::max<std::size_t>(block_octets(sa.cipher), 4);
  const auto gap = (payload.size() + esp_trailer_octets) % align;
  const auto pad = options.pad.value_or(static_cast<std::uint8_t>(gap == 0 ? 0 : align - gap));
  Octets text(payload.begin(), payload.end());
  for (unsigned i = 1; i <= pad; ++i) text.push_back(static_cast<std::uint8_t>(i));  // RFC 2406 2.4
  text.push_back(static_cast<std::uint8_t>(pad + options.pad_length_shift));
  text.push_back(next);
  Octets octets;
  append_number(octets, sa.spi, 4);
  append_number(octets, sequence, 4);
  append(octets, iv);
  // A text that is no multiple of the block (a written pad) cannot be encrypted; it goes as it is.
  append(octets, encrypt_cbc(sa.cipher, sa.cipher_key, iv, text).value_or(text));
  append(octets, icv_of(sa.auth, sa.auth_key, octets));
  return octets;
}

Octets protect(View datagram, const Sa& sa, std::uint32_t sequence) {
  const auto outer = tunnel_header(sa);
  const View header = sa.tunnel ? View(outer) : datagram.first(header_octets(datagram));
  const View payload = sa.tunnel ? datagram : datagram.subspan(header.size());
  const auto next = !sa.tunnel              ? first_payload(datagram)
                    : datagram[0] >> 4 == 4 ? ip_proto::ipv4
                                            : ip_proto::ipv6;
  if (sa.protocol == IpsecProtocol::esp) {
    return with_payload(header, ip_proto::esp, esp_packet(sa, sequence, next, payload));
  }
  auto body = ah_header(sa, sequence, next);
  append(body, payload);
  auto octets = with_payload(header, ip_proto::ah, body);
  const auto icv = ah_icv(octets, header.size(), sa);
  std::ranges::copy(icv,
                    octets.begin() + static_cast<std::ptrdiff_t>(header.size() + ah_fixed_octets));
  return octets;
}

std::optional<IpsecHead> ipsec_head(const Datagram& datagram, const Header& header) {
  const auto octets = datagram.octets_of(header);
  const bool ah = header.type == ip_proto::ah;
  const std::size_t at = ah ? 4 : 0;
  if (octets.size() < at + 8) return std::nullopt;
  return IpsecHead{ah ? IpsecProtocol::ah : IpsecProtocol::esp,
                   static_cast<std::uint32_t>(big_endian(octets.subspan(at, 4))),
                   static_cast<std::uint32_t>(big_endian(octets.subspan(at + 4, 4)))};
}

Opened open_ah(const Datagram& datagram, const Header& header, const Sa& sa) {
  Opened opened;
  const auto octets = datagram.octets_of(header);
  const auto head = ipsec_head(datagram, header);
  if (!head || octets.size() != ah_fixed_octets + icv_octets) {
    opened.refusal = Refusal::malformed;
    return opened;
  }
  opened.sequence = head->sequence;
  if (!std::ranges::equal(ah_icv(datagram.octets, header.offset, sa),
                          octets.subspan(ah_fixed_octets))) {
    opened.refusal = Refusal::icv;
    return opened;
  }
  opened.next = octets[0];
  opened.datagram = inner_datagram(datagram, header, opened.next,
                                   datagram.octets.subspan(header.offset + header.length));
  return opened;
}

Opened open_esp(const Datagram& datagram, const Header& header, const Sa& sa) {
  Opened opened;
  auto octets = datagram.octets_of(header);
  const auto head = ipsec_head(datagram, header);
  const auto iv_size = iv_octets(sa.cipher);
  const std::size_t icv_size = sa.auth == AuthAlgorithm::none ? 0 : icv_octets;
  if (!head || octets.size() < esp_fixed_octets + iv_size + esp_trailer_octets + icv_size) {
    opened.refusal = Refusal::malformed;
    return opened;
  }
  opened.sequence = head->sequence;
  const auto covered = octets.first(octets.size() - icv_size);
  if (!std::ranges::equal(icv_of(sa.auth, sa.auth_key, covered), octets.last(icv_size))) {
    opened.refusal = Refusal::icv;
    return opened;
  }
  const auto text =
      decrypt_cbc(sa.cipher, sa.cipher_key, covered.subspan(esp_fixed_octets, iv_size),
                  covered.subspan(esp_fixed_octets + iv_size));
  if (!text || text->size() < esp_trailer_octets) {
    opened.refusal = Refusal::malformed;
    return opened;
  }
  opened.pad = (*text)[text->size() - 2];
  const std::size_t pad = opened.pad;
  if (pad + esp_trailer_octets > text->size()) {
    opened.refusal = Refusal::padding;
    return opened;
  }
  const auto payload = View(*text).first(text->size() - esp_trailer_octets - pad);
  for (std::size_t i = 0; i < pad; ++i) {
    if ((*text)[payload.size() + i] != i + 1) opened.refusal = Refusal::padding;
  }
  if (opened.refusal != Refusal::none) return opened;
  opened.next = text->back();
  opened.datagram = inner_datagram(datagram, header, opened.next, payload);
  return opened;
}

}  // namespace secct
