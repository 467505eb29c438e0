// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <optional>

#include "dissector/ipsec.hpp"

namespace secct::dissector {
namespace {

constexpr std::uint8_t option_changes = 0x20;  // chg: data may change en route (RFC 2460 4.2)
constexpr std::uint8_t hop_by_hop = 0;
constexpr std::uint8_t destination_options = 60;
constexpr std::uint8_t ah = 51;
constexpr std::size_t ah_fixed = 12;
constexpr std::size_t v6_header = 40;
constexpr std::size_t v4_header = 20;
constexpr std::size_t v4_longest_header = 60;
constexpr std::size_t longest_chain = 1024;  // octets of extension headers that are looked at

// Options of IPv4 that nobody changes on the way (RFC 2402 A.1): NOP, security (three kinds),
// router alert, sender directed multi-destination delivery.
constexpr std::array<std::uint8_t, 6> steady_options{1, 130, 133, 134, 148, 149};

void zero(Octets& octets, std::size_t from, std::size_t count) {
  for (auto i = from; i < octets.size() && count-- > 0; ++i) octets[i] = 0;
}

// Data of options that may change, in the header at `at`; returns where it ends.
std::size_t zero_options(Octets& octets, std::size_t at) {
  const auto end = std::min(octets.size(), at + (octets[at + 1] + 1U) * 8);
  for (auto i = at + 2; i + 1 < end;) {
    if (octets[i] == 0) {
      ++i;
      continue;
    }
    const std::size_t length = octets[i + 1];
    if ((octets[i] & option_changes) != 0) zero(octets, i + 2, std::min(length, end - i - 2));
    i += length + 2;
  }
  return end;
}

// The chain of headers from `at`, of which `next` is the type of the first.
void zero_chain(Octets& octets, std::size_t at, std::uint8_t next) {
  while (at + 2 <= octets.size()) {
    if (next != hop_by_hop && next != destination_options && next != ah) return;
    const auto type = next;
    next = octets[at];
    if (type == ah) {
      const auto length = (octets[at + 1] + 2U) * 4;
      if (length < ah_fixed) return;
      zero(octets, at + ah_fixed, length - ah_fixed);
      at += length;
    } else {
      at = zero_options(octets, at);
    }
  }
}

View octets_from(tvbuff_t* tvb) {
  const auto length = tvb_captured_length(tvb);
  return {tvb_get_ptr(tvb, 0, static_cast<gint>(length)), length};
}

// Extension headers between IPv6 header and AH: they lie before `tvb` in the same octets.
bool headers_before(tvbuff_t* tvb, const ws_ip6& ip6, Octets& out) {
  auto* whole = tvb_get_ds_tvb(tvb);
  const auto at = static_cast<std::size_t>(tvb_raw_offset(tvb));
  const auto octets = octets_from(whole);
  const std::size_t payload = ip6.ip6_len;
  const std::size_t rest = tvb_reported_length(tvb);
  if (payload < rest || payload - rest > longest_chain) return false;
  const auto headers = payload - rest;
  if (at < v6_header + headers) return false;
  const auto start = octets.subspan(at - headers - v6_header);
  const View source(static_cast<const std::uint8_t*>(ip6.ip6_src.data), 16);
  if (start[0] >> 4 != 6 || !std::ranges::equal(start.subspan(8, 16), source)) return false;
  append(out, start.first(v6_header + headers));
  return true;
}

Octets v6_input(tvbuff_t* tvb, const ws_ip6& ip6) {
  Octets octets;
  const auto payload = octets_from(tvb);
  if (!headers_before(tvb, ip6, octets)) {
    // Put together from fragments: the fragment header is no part of it.
    octets = {0, 0, 0, 0};
    append_number(octets, payload.size(), 2);
    octets.push_back(ah);
    octets.push_back(0);
    append(octets, View(static_cast<const std::uint8_t*>(ip6.ip6_src.data), 16));
    append(octets, View(static_cast<const std::uint8_t*>(ip6.ip6_dst.data), 16));
  }
  append(octets, payload);
  octets[0] = 0x60;
  zero(octets, 1, 3);  // class, flow label
  octets[7] = 0;       // hop limit
  zero_chain(octets, v6_header, octets[6]);
  return octets;
}

// The options of the IPv4 header before `tvb`, those that may change as zeros; nothing where they
// are not at hand.
std::optional<Octets> v4_options(tvbuff_t* tvb, const ws_ip4& ip4) {
  const std::size_t rest = tvb_reported_length(tvb);
  // Put together from fragments: what is at hand is the header of the last one. Or no options.
  if (ip4.ip_len <= v4_header + rest) return Octets{};
  const auto length = ip4.ip_len - rest;
  const auto at = static_cast<std::size_t>(tvb_raw_offset(tvb));
  if (at < length || length % 4 != 0 || length > v4_longest_header) return std::nullopt;
  const auto header = octets_from(tvb_get_ds_tvb(tvb)).subspan(at - length, length);
  if (header[0] != (0x40 | length / 4)) return std::nullopt;
  Octets options(header.begin() + v4_header, header.end());
  for (std::size_t i = 0; i < options.size() && options[i] != 0;) {
    const bool steady = std::ranges::find(steady_options, options[i]) != steady_options.end();
    const bool single = options[i] == 1;
    if (!single && (i + 1 == options.size() || options[i + 1] < 2)) return std::nullopt;
    const std::size_t size = single ? 1 : options[i + 1];
    if (!steady) zero(options, i, size);
    i += size;
  }
  return options;
}

Octets v4_input(tvbuff_t* tvb, const ws_ip4& ip4) {
  const auto payload = octets_from(tvb);
  const auto options = v4_options(tvb, ip4);
  if (!options) return {};
  const auto header = v4_header + options->size();
  Octets octets{static_cast<std::uint8_t>(0x40 | header / 4), 0};
  append_number(octets, header + payload.size(), 2);
  append_number(octets, ip4.ip_id, 2);
  append_number(octets, std::uint32_t{ah}, 4);  // no flags, no TTL; protocol in the last octet
  append_number(octets, 0, 2);
  append(octets, View(static_cast<const std::uint8_t*>(ip4.ip_src.data), 4));
  append(octets, View(static_cast<const std::uint8_t*>(ip4.ip_dst.data), 4));
  append(octets, *options);
  append(octets, payload);
  zero_chain(octets, header, ah);
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
