// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/ah_esp.hpp"

#include <algorithm>
#include <array>

namespace secct::ipsec {
namespace {

constexpr std::uint8_t option_changes = 0x20;  // chg: data may change en route (RFC 2460 4.2)
constexpr std::size_t esp_trailer_octets = 2;  // pad length, next header
constexpr std::uint8_t tunnel_hop_limit = 64;

void zero(Octets& octets, std::size_t from, std::size_t count) {
  std::fill_n(octets.begin() + static_cast<std::ptrdiff_t>(from), count, std::uint8_t{0});
}

// RFC 2402 appendix A: options of IPv4 that routers change are taken as zero, all of them but
// these.
void add_mutable_options(View octets, std::vector<Range>& ranges) {
  constexpr std::uint8_t end_of_options = 0;
  constexpr std::uint8_t immutable[] = {1, 130, 133, 134, 148, 149};  // NOP, security, alerts
  const std::size_t end = std::min<std::size_t>((octets[0] & 15U) * 4U, octets.size());
  for (auto at = ipv4_header_octets; at < end && octets[at] != end_of_options;) {
    const bool alone = octets[at] == 1;  // NOP has no length
    const std::size_t length = alone ? 1 : at + 1 < end ? octets[at + 1] : 0;
    if (length == 0 || length > end - at) return;
    if (std::ranges::find(immutable, octets[at]) == std::end(immutable)) {
      ranges.push_back({at, length});
    }
    at += length;
  }
}

// An IV is SPI and sequence number enciphered under the SA's key: unique, and nobody can foretell
// it (NIST SP 800-38A, appendix C).
constexpr std::array<std::uint8_t, 16> no_iv{};
void write_nonce(std::span<std::uint8_t> iv, View spi_and_sequence) {
  std::ranges::copy(spi_and_sequence, iv.begin());
  std::ranges::fill(iv.subspan(spi_and_sequence.size()), std::uint8_t{0});
}

bool is_v4(View datagram) { return datagram[0] >> 4 == 4; }

// The IP header of `datagram` with another payload behind it.
Octets with_payload(View header, std::uint8_t next, View payload) {
  Octets octets(header.begin(), header.end());
  const bool v4 = is_v4(octets);
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

std::uint8_t first_payload(View datagram) { return datagram[is_v4(datagram) ? 9 : 6]; }

std::size_t header_octets(View datagram) {
  return is_v4(datagram) ? (datagram[0] & 15U) * 4U : ipv6_header_octets;
}

}  // namespace

std::vector<Range> uncovered_by_ah(View datagram, std::size_t ah_offset) {
  // Whatever the length field says: it may be what is wrong with the packet.
  std::vector<Range> ranges{{ah_offset + ah_fixed_octets, icv_octets}};
  if (is_v4(datagram)) {
    // TOS; flags, fragment offset; TTL; header checksum.
    ranges.insert(ranges.end(), {{1, 1}, {6, 2}, {8, 1}, {10, 2}});
    add_mutable_options(datagram, ranges);
    return ranges;
  }
  ranges.push_back({7, 1});  // hop limit
  const auto parsed = parse_datagram(datagram);
  if (!parsed) return ranges;
  for (const auto& header : parsed->chain) {
    if (header.type != ip_proto::hop_by_hop && header.type != ip_proto::dstopts) continue;
    for (const auto& option : parse_header_options(parsed->octets_of(header))) {
      const std::size_t at = header.offset + option.offset;
      if ((datagram[at] & option_changes) != 0 && option.length > 2) {
        ranges.push_back({at + 2, option.length - 2U});
      }
    }
  }
  return ranges;
}

Octets ah_icv(View datagram, std::size_t ah_offset, const Sa& sa) {
  KeyedSa keyed(sa);
  const auto icv = keyed.ah_icv(datagram, uncovered_by_ah(datagram, ah_offset));
  return {icv.begin(), icv.end()};
}

KeyedSa::KeyedSa(const Sa& sa) {
  if (sa.auth != AuthAlgorithm::none) auth_.emplace(sa.auth);
  if (iv_octets(sa.cipher) != 0) cipher_.emplace(sa.cipher);
  set_keys(sa.auth_key, sa.cipher_key);
}

void KeyedSa::set_keys(View auth_key, View cipher_key) {
  if (auth_) auth_->set_key(auth_key);
  if (cipher_) cipher_->set_key(cipher_key);
}

View KeyedSa::icv(View text) { return auth_ ? (*auth_)(text).first(icv_octets) : View(); }

View KeyedSa::ah_icv(View datagram, std::span<const Range> uncovered) {
  constexpr std::uint8_t version_6 = 0x60;
  scratch_.assign(datagram.begin(), datagram.end());
  if (!is_v4(scratch_)) {
    scratch_[0] = version_6;  // without class and flow label
    zero(scratch_, 1, 3);
  }
  for (const auto& range : uncovered) zero(scratch_, range.at, range.octets);
  return icv(scratch_);
}

void KeyedSa::encrypt(std::span<std::uint8_t> packet, std::size_t iv_octets, bool iv_given,
                      std::size_t text_end) {
  if (!cipher_) return;
  const auto iv = packet.subspan(esp_fixed_octets, iv_octets);
  const auto text =
      packet.subspan(esp_fixed_octets + iv_octets, text_end - esp_fixed_octets - iv_octets);
  if (iv_given) {
    cipher_->encrypt(iv, text);
    return;
  }
  // The nonce enciphered is the IV, and what is enciphered behind it has it for its IV.
  write_nonce(iv, packet.first(esp_fixed_octets));
  cipher_->encrypt(View(no_iv).first(iv_octets),
                   packet.subspan(esp_fixed_octets, text_end - esp_fixed_octets));
}

Octets make_iv(const Sa& sa, std::uint32_t sequence) {
  Octets nonce;
  append_number(nonce, sa.spi, 4);
  append_number(nonce, sequence, 4);
  Octets iv(iv_octets(sa.cipher));
  if (iv.empty()) return iv;
  write_nonce(iv, nonce);
  return encrypt_cbc(sa.cipher, sa.cipher_key, View(no_iv).first(iv.size()), iv).value_or(iv);
}

OpenEsp open_esp_packet(const Sa& sa, std::uint32_t sequence, std::uint8_t next, View payload,
                        const EspOptions& options) {
  OpenEsp open;
  auto& octets = open.octets;
  append_number(octets, sa.spi, 4);
  append_number(octets, sequence, 4);
  open.iv_given = options.iv.has_value();
  open.iv_octets = options.iv ? options.iv->size() : iv_octets(sa.cipher);
  append(octets, options.iv.value_or(Octets(open.iv_octets)));
  append(octets, payload);
  const auto align = std::max<std::size_t>(block_octets(sa.cipher), 4);
  const auto gap = (payload.size() + esp_trailer_octets) % align;
  const auto pad = options.pad.value_or(static_cast<std::uint8_t>(gap == 0 ? 0 : align - gap));
  for (unsigned i = 1; i <= pad; ++i)
    octets.push_back(static_cast<std::uint8_t>(i));  // RFC 2406 2.4
  octets.push_back(static_cast<std::uint8_t>(pad + options.pad_length_shift));
  octets.push_back(next);
  open.text_end = octets.size();
  if (sa.auth != AuthAlgorithm::none) octets.resize(octets.size() + icv_octets);
  return open;
}

Octets esp_packet(const Sa& sa, std::uint32_t sequence, std::uint8_t next, View payload,
                  const EspOptions& options) {
  auto open = open_esp_packet(sa, sequence, next, payload, options);
  KeyedSa keyed(sa);
  keyed.encrypt(open.octets, open.iv_octets, open.iv_given, open.text_end);
  std::ranges::copy(keyed.icv(View(open.octets).first(open.text_end)),
                    open.octets.begin() + static_cast<std::ptrdiff_t>(open.text_end));
  return std::move(open.octets);
}

Octets protect(View datagram, const Sa& sa, std::uint32_t sequence) {
  const auto outer = tunnel_header(sa);
  const View header = sa.tunnel ? View(outer) : datagram.first(header_octets(datagram));
  const View payload = sa.tunnel ? datagram : datagram.subspan(header.size());
  const auto next = !sa.tunnel        ? first_payload(datagram)
                    : is_v4(datagram) ? ip_proto::ipv4
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

}  // namespace secct::ipsec
