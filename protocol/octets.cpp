// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/octets.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cassert>
#include <charconv>

namespace secct {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Reads `text` with inet_pton, which takes a null-terminated string.
bool parse_address(int family, std::string_view text, void* out) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return false;
  std::ranges::copy(text, copy.begin());
  return inet_pton(family, copy.data(), out) == 1;
}

}  // namespace

Address address_from(View octets) {
  Address address{};
  if (octets.size() == 4) {
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.begin());
    std::copy(octets.begin(), octets.end(), address.begin() + 12);
  } else {
    std::copy_n(octets.begin(), std::min(octets.size(), address.size()), address.begin());
  }
  return address;
}

bool is_v4_mapped(const Address& address) {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.begin());
}

Address prefix_of(Address address, std::size_t length) {
  for (std::size_t i = length; i < 8 * address.size(); ++i) {
    address[i / 8] &= static_cast<std::uint8_t>(~(0x80U >> i % 8));
  }
  return address;
}

bool is_unspecified(const Address& address) {
  const auto first = address.begin() + (is_v4_mapped(address) ? 12 : 0);
  return std::all_of(first, address.end(), [](auto octet) { return octet == 0; });
}

bool is_multicast(const Address& address) {
  return is_v4_mapped(address) ? address[12] >> 4 == 0xe : address[0] == 0xff;
}

bool is_link_local(const Address& address) {
  return is_v4_mapped(address) ? address[12] == 169 && address[13] == 254
                               : address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

std::string v4_text(View four_octets) {
  assert(four_octets.size() == 4);
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, four_octets.data(), text.data(), text.size());
  return text.data();
}

// inet_ntop() would take a third of the time of a line in Wireshark's packet list, and writes all
// of ::/96 with an IPv4 address, RFC 5952 section 5 only addresses of known prefixes.
std::string to_text(const Address& address) {
  if (is_v4_mapped(address)) return "::ffff:" + v4_text(View(address).subspan(12));
  constexpr std::size_t groups = 8;
  const auto group = [&](std::size_t i) { return big_endian(View(address).subspan(2 * i, 2)); };
  // RFC 5952 section 4.2: "::" replaces the longest run of at least two zero groups, the first one
  // of equal runs.
  std::size_t run = groups;
  std::size_t run_end = groups;
  for (std::size_t i = 0; i < groups;) {
    auto end = i;
    while (end < groups && group(end) == 0) ++end;
    if (end - i > std::max<std::size_t>(run_end - run, 1)) {
      run = i;
      run_end = end;
    }
    i = end + 1;
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  auto* at = text.data();
  for (std::size_t i = 0; i < groups;) {
    if (i == run && run_end > run) {
      *at++ = ':';
      *at++ = ':';
      i = run_end;
      continue;
    }
    if (i > 0 && i != run_end) *at++ = ':';
    at = std::to_chars(at, text.data() + text.size(), group(i), 16).ptr;
    ++i;
  }
  return {text.data(), at};
}

bool parse_v4(std::string_view text, std::array<std::uint8_t, 4>& out) {
  std::array<std::uint8_t, 4> octets{};
  if (!parse_address(AF_INET, text, octets.data())) return false;
  out = octets;
  return true;
}

bool parse_v6(std::string_view text, Address& out) {
  Address address{};
  if (!parse_address(AF_INET6, text, address.data())) return false;
  out = address;
  return true;
}

std::string to_hex(View octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(octets.size() * 2);
  for (auto octet : octets) {
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  return text;
}

bool parse_hex(std::string_view text, Octets& out) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  Octets octets;
  int high = -1;
  for (char c : text) {
    const int digit = nibble(c);
    if (digit >= 0) {
      if (high < 0) {
        high = digit;
      } else {
        octets.push_back(static_cast<std::uint8_t>(high << 4 | digit));
        high = -1;
      }
    } else if (high >= 0 || (c != ' ' && c != ':' && c != '-' && c != '\n' && c != '\t')) {
      return false;
    }
  }
  if (high >= 0) return false;
  out = std::move(octets);
  return true;
}

bool is_utf8(View octets) {
  for (std::size_t i = 0; i < octets.size();) {
    const auto lead = octets[i];
    const std::size_t length = lead < 0x80                    ? 1
                               : lead >= 0xc2 && lead < 0xe0  ? 2
                               : lead >= 0xe0 && lead < 0xf0  ? 3
                               : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                              : 0;
    if (length == 0 || octets.size() - i < length) return false;
    for (std::size_t j = 1; j < length; ++j) {
      if ((octets[i + j] & 0xc0) != 0x80) return false;
    }
    if ((lead == 0xe0 && octets[i + 1] < 0xa0) || (lead == 0xed && octets[i + 1] > 0x9f) ||
        (lead == 0xf0 && octets[i + 1] < 0x90) || (lead == 0xf4 && octets[i + 1] > 0x8f)) {
      return false;
    }
    i += length;
  }
  return true;
}

}  // namespace secct
