// SPDX-License-Identifier: GPL-2.0-or-later
// Octets in network byte order: views, numbers, addresses and their texts.
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

// An IPv6 address, or an IPv4 address as IPv4-mapped IPv6 address (::ffff:a.b.c.d).
using Address = std::array<std::uint8_t, 16>;

// The unsigned number in `octets`, most significant octet first; of more than 8 octets the last 8.
constexpr std::uint64_t big_endian(View octets) {
  std::uint64_t number = 0;
  for (auto octet : octets) number = number << 8 | octet;
  return number;
}

// Appends the low `width` octets of `number`, most significant octet first.
inline void append_number(Octets& to, std::uint64_t number, std::size_t width) {
  for (std::size_t i = width; i-- > 0;) to.push_back(static_cast<std::uint8_t>(number >> 8 * i));
}

inline void append(Octets& to, View octets) { to.insert(to.end(), octets.begin(), octets.end()); }

// The address in `octets`: an IPv6 address of 16 octets, or an IPv4 address of 4 octets.
Address address_from(View octets);

// The first `length` bits of the address, 0 to 128, and zeros after them.
Address prefix_of(Address address, std::size_t length);

bool is_unspecified(const Address& address);  // ::, 0.0.0.0
bool is_multicast(const Address& address);    // ff00::/8, 224.0.0.0/4
bool is_link_local(const Address& address);   // fe80::/10, 169.254.0.0/16
bool is_v4_mapped(const Address& address);    // ::ffff:0:0/96

// RFC 5952 text; IPv4-mapped addresses as ::ffff:a.b.c.d.
std::string to_text(const Address& address);
std::string v4_text(View four_octets);  // a.b.c.d

// Reads such a text; an IPv6 address in any form of RFC 4291 2.2. Returns false and leaves `out`
// unchanged if `text` is not an address. A number of an IPv4 address has no leading zeros.
bool parse_v6(std::string_view text, Address& out);
bool parse_v4(std::string_view text, std::array<std::uint8_t, 4>& out);

// Lower-case hexadecimal without separators.
std::string to_hex(View octets);
// Reads hexadecimal of either case, optionally with 0x in front and with spaces, ':' or '-' between
// octets. Returns false and leaves `out` unchanged if `text` is anything else.
bool parse_hex(std::string_view text, Octets& out);

// True for valid UTF-8 (RFC 3629), without overlong forms and surrogates.
bool is_utf8(View octets);

}  // namespace secct
