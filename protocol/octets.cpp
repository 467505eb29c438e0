// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/octets.hpp"

#include <algorithm>
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

// Up to eight groups of a colon-separated part; the last one may be an IPv4 address (two groups).
bool parse_groups(std::string_view text, std::vector<std::uint16_t>& groups) {
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto group = text.substr(0, colon);
    if (group.find('.') != std::string_view::npos) {
      std::array<std::uint8_t, 4> v4{};
      if (colon != std::string_view::npos || !parse_v4(group, v4)) return false;
      groups.push_back(static_cast<std::uint16_t>(v4[0] << 8 | v4[1]));
      groups.push_back(static_cast<std::uint16_t>(v4[2] << 8 | v4[3]));
      return groups.size() <= 8;
    }
    std::uint16_t value = 0;
    const auto* end = group.data() + group.size();
    const auto result = std::from_chars(group.data(), end, value, 16);
    if (group.empty() || group.size() > 4 || result.ec != std::errc{} || result.ptr != end) {
      return false;
    }
    groups.push_back(value);
    if (groups.size() > 8) return false;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;
  }
  return true;
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
  std::string text;
  for (auto octet : four_octets) {
    if (!text.empty()) text += '.';
    text += std::to_string(octet);
  }
  return text;
}

std::string to_text(const Address& address) {
  if (is_v4_mapped(address)) return "::ffff:" + v4_text(View(address).subspan(12));
  std::size_t best = 8;
  std::size_t best_length = 1;  // RFC 5952 4.2.2: a single zero group is not shortened
  const auto group = [&](std::size_t i) {
    return static_cast<unsigned>(address[2 * i] << 8 | address[2 * i + 1]);
  };
  for (std::size_t i = 0; i < 8;) {
    std::size_t length = 0;
    while (i + length < 8 && group(i + length) == 0) ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
    i += length + 1;
  }
  constexpr std::size_t longest = 39;
  std::string text;
  text.reserve(longest);
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), group(i), 16).ptr;
    text.append(digits.data(), end);
  }
  return text;
}

bool parse_v4(std::string_view text, std::array<std::uint8_t, 4>& out) {
  std::array<std::uint8_t, 4> octets{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return false;
    const auto result = std::from_chars(at, end, octets[i]);
    // No leading zeros: some programs read such numbers as octal.
    if (result.ec != std::errc{} || (*at == '0' && result.ptr - at > 1)) return false;
    at = result.ptr;
  }
  if (at != end) return false;
  out = octets;
  return true;
}

bool parse_v6(std::string_view text, Address& out) {
  std::vector<std::uint16_t> head;
  std::vector<std::uint16_t> tail;
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!parse_groups(text, head) || head.size() != 8) return false;
  } else {
    if (!parse_groups(text.substr(0, gap), head)) return false;
    const auto rest = text.substr(gap + 2);
    if (rest.starts_with(':') || !parse_groups(rest, tail)) return false;
    if (text.substr(0, gap).find('.') != std::string_view::npos) return false;
    if (head.size() + tail.size() > 7) return false;
    head.resize(8 - tail.size());
    head.insert(head.end(), tail.begin(), tail.end());
  }
  for (std::size_t i = 0; i < 8; ++i) {
    out[2 * i] = static_cast<std::uint8_t>(head[i] >> 8);
    out[2 * i + 1] = static_cast<std::uint8_t>(head[i]);
  }
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
