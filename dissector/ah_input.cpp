// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <optional>

#include "dissector/ipsec.hpp"

namespace secct::dissector {
namespace {

constexpr std::uint8_t option_mutable =
    0x20;  // bit of the option type: data may change en route (RFC 2460 section 4.2)
constexpr std::uint8_t hop_by_hop = 0;
constexpr std::uint8_t destination_options = 60;
constexpr std::uint8_t ah = 51;
constexpr std::size_t ah_fixed_octets = 12;
constexpr std::size_t ipv6_header_octets = 40;
constexpr std::size_t ipv4_header_octets = 20;
constexpr std::size_t max_ipv4_header_octets = 60;
constexpr std::size_t max_extension_headers = 1024;  // octets

// IPv4 options that are immutable (RFC 2402 appendix A.1): NOP, security (three types), router
// alert, sender directed multi-destination delivery.
constexpr std::array<std::uint8_t, 6> immutable_options{1, 130, 133, 134, 148, 149};

void fill_zeros(Octets& octets, std::size_t from, std::size_t count) {
  for (auto i = from; i < octets.size() && count-- > 0; ++i) octets[i] = 0;
}

// Fills the data of mutable options with zeros, in the options header at `at`. Returns the offset
// of the end of the header.
std::size_t zero_mutable_options(Octets& octets, std::size_t at) {
  const auto end = std::min(octets.size(), at + (octets[at + 1] + 1U) * 8);
  for (auto i = at + 2; i + 1 < end;) {
    if (octets[i] == 0) {
      ++i;
      continue;
    }
    const std::size_t length = octets[i + 1];
    if ((octets[i] & option_mutable) != 0) fill_zeros(octets, i + 2, std::min(length, end - i - 2));
    i += length + 2;
  }
  return end;
}

// Fills mutable fields and the ICV with zeros, in the chain of headers from `at` on; the first one
// has the type `next`.
void zero_mutable_headers(Octets& octets, std::size_t at, std::uint8_t next) {
  while (at + 2 <= octets.size()) {
    if (next != hop_by_hop && next != destination_options && next != ah) return;
    const auto type = next;
    next = octets[at];
    if (type == ah) {
      const auto length = (octets[at + 1] + 2U) * 4;
      if (length < ah_fixed_octets) return;
      fill_zeros(octets, at + ah_fixed_octets, length - ah_fixed_octets);
      at += length;
    } else {
      at = zero_mutable_options(octets, at);
    }
  }
}

View octets_from(tvbuff_t* tvb) {
  const auto length = tvb_captured_length(tvb);
  return {tvb_get_ptr(tvb, 0, static_cast<gint>(length)), length};
}

// Copies the IPv6 header and the extension headers before AH to `out`. They precede `tvb` in the
// same data source. Returns false if they are not there: the datagram was reassembled.
bool copy_headers(tvbuff_t* tvb, const ws_ip6& ip6, Octets& out) {
  auto* whole = tvb_get_ds_tvb(tvb);
  const auto at = static_cast<std::size_t>(tvb_raw_offset(tvb));
  const auto octets = octets_from(whole);
  const std::size_t payload = ip6.ip6_len;
  const std::size_t rest = tvb_reported_length(tvb);
  if (payload < rest || payload - rest > max_extension_headers) return false;
  const auto headers = payload - rest;
  if (at < ipv6_header_octets + headers) return false;
  const auto start = octets.subspan(at - headers - ipv6_header_octets);
  const View source(static_cast<const std::uint8_t*>(ip6.ip6_src.data), 16);
  if (start[0] >> 4 != 6 || !std::ranges::equal(start.subspan(8, 16), source)) return false;
  append(out, start.first(ipv6_header_octets + headers));
  return true;
}

Octets v6_input(tvbuff_t* tvb, const ws_ip6& ip6) {
  Octets octets;
  const auto payload = octets_from(tvb);
  if (!copy_headers(tvb, ip6, octets)) {
    // Reassembled from fragments: the ICV covers the datagram without the fragment header.
    octets = {0, 0, 0, 0};
    append_number(octets, payload.size(), 2);
    octets.push_back(ah);
    octets.push_back(0);
    append(octets, View(static_cast<const std::uint8_t*>(ip6.ip6_src.data), 16));
    append(octets, View(static_cast<const std::uint8_t*>(ip6.ip6_dst.data), 16));
  }
  append(octets, payload);
  octets[0] = 0x60;
  fill_zeros(octets, 1, 3);  // traffic class, flow label
  octets[7] = 0;             // hop limit
  zero_mutable_headers(octets, ipv6_header_octets, octets[6]);
  return octets;
}

// The options of the IPv4 header before `tvb`, with zeros for mutable options; std::nullopt if they
// are not available.
std::optional<Octets> v4_options(tvbuff_t* tvb, const ws_ip4& ip4) {
  const std::size_t rest = tvb_reported_length(tvb);
  // No options; or reassembled from fragments, and the header is that of the last fragment.
  if (ip4.ip_len <= ipv4_header_octets + rest) return Octets{};
  const auto length = ip4.ip_len - rest;
  const auto at = static_cast<std::size_t>(tvb_raw_offset(tvb));
  if (at < length || length % 4 != 0 || length > max_ipv4_header_octets) return std::nullopt;
  const auto header = octets_from(tvb_get_ds_tvb(tvb)).subspan(at - length, length);
  if (header[0] != (0x40 | length / 4)) return std::nullopt;
  Octets options(header.begin() + ipv4_header_octets, header.end());
  for (std::size_t i = 0; i < options.size() && options[i] != 0;) {
    const bool immutable =
        std::ranges::find(immutable_options, options[i]) != immutable_options.end();
    const bool single = options[i] == 1;
    if (!single && (i + 1 == options.size() || options[i + 1] < 2)) return std::nullopt;
    const std::size_t size = single ? 1 : options[i + 1];
    if (!immutable) fill_zeros(options, i, size);
    i += size;
  }
  return options;
}

Octets v4_input(tvbuff_t* tvb, const ws_ip4& ip4) {
  const auto payload = octets_from(tvb);
  const auto options = v4_options(tvb, ip4);
  if (!options) return {};
  const auto header = ipv4_header_octets + options->size();
  Octets octets{static_cast<std::uint8_t>(0x40 | header / 4), 0};
  append_number(octets, header + payload.size(), 2);
  append_number(octets, ip4.ip_id, 2);
  append_number(octets, std::uint32_t{ah},
                4);  // flags, fragment offset and TTL are mutable: zero; protocol AH
  append_number(octets, 0, 2);
  append(octets, View(static_cast<const std::uint8_t*>(ip4.ip_src.data), 4));
  append(octets, View(static_cast<const std::uint8_t*>(ip4.ip_dst.data), 4));
  append(octets, *options);
  append(octets, payload);
  zero_mutable_headers(octets, header, ah);
  return octets;
}

}  // namespace

Octets ah_input(tvbuff_t* tvb, const packet_info* pinfo, const void* ip_header) {
  if (ip_header == nullptr || pinfo->fragmented != FALSE || pinfo->flags.in_error_pkt != 0 ||
      tvb_captured_length(tvb) != tvb_reported_length(tvb)) {
    return {};
  }
  if (*static_cast<const guint8*>(ip_header) == 6) {
    return v6_input(tvb, *static_cast<const ws_ip6*>(ip_header));
  }
  if (*static_cast<const guint8*>(ip_header) == 4) {
    return v4_input(tvb, *static_cast<const ws_ip4*>(ip_header));
  }
  return {};
}

}  // namespace secct::dissector
