// SPDX-License-Identifier: GPL-2.0-or-later
// Octets in network byte order: views, numbers, addresses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace secct {

using Octets = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

// An IPv6 address; an IPv4 address is held IPv4-mapped (::ffff:a.b.c.d).
using Address = std::array<std::uint8_t, 16>;

// The unsigned number in `octets`, most significant octet first; at most 8 octets count.
constexpr std::uint64_t big_endian(View octets) {
  std::uint64_t number = 0;
  for (auto octet : octets) number = number << 8 | octet;
  return number;
}

// Appends `number` in `width` octets, most significant first; higher octets are lost.
inline void append_number(Octets& to, std::uint64_t number, std::size_t width) {
  for (std::size_t i = width; i-- > 0;) to.push_back(static_cast<std::uint8_t>(number >> 8 * i));
}

inline void append(Octets& to, View octets) { to.insert(to.end(), octets.begin(), octets.end()); }

// The 16-octet address that `octets` holds: 16 octets as they are, 4 octets IPv4-mapped.
Address address_from(View octets);

bool is_unspecified(const Address& address);  // ::, 0.0.0.0
bool is_multicast(const Address& address);    // ff00::/8, 224.0.0.0/4
bool is_link_local(const Address& address);   // fe80::/10, 169.254.0.0/16
bool is_v4_mapped(const Address& address);    // ::ffff:0:0/96

// RFC 5952 text; IPv4-mapped addresses as ::ffff:a.b.c.d.
std::string to_text(const Address& address);
std::string v4_text(View four_octets);  // a.b.c.d

// Both directions of the text forms; false and `out` untouched when the text is not one.
bool parse_v6(std::string_view text, Address& out);
bool parse_v4(std::string_view text, std::array<std::uint8_t, 4>& out);

// Lower-case hexadecimal without separators; the parser takes 0x, spaces, ':' and '-' too.
std::string to_hex(View octets);
bool parse_hex(std::string_view text, Octets& out);

bool is_utf8(View octets);  // RFC 3629: no overlong forms, no surrogates

}  // namespace secct
