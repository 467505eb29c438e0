// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/escape.hpp"

#include <fmt/format.h>

#include "protocol/octets.hpp"

namespace secct::files {
namespace {

// Number of octets of a UTF-8 character with this first octet; 1 if there is no such character.
std::size_t utf8_length(unsigned char first) {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}

std::uint32_t code_of(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first;
  std::uint32_t code = first & (0x7fU >> character.size());
  for (char c : character.substr(1)) code = code << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  return code;
}

bool is_control(std::uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

bool changes_direction(std::uint32_t code) {
  return code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

// Line and paragraph separators, the byte order mark, and characters that XML does not permit.
bool is_not_text(std::uint32_t code) {
  return code == 0x2028 || code == 0x2029 || code == 0xfeff || (code & 0xfffe) == 0xfffe;
}

}  // namespace

std::string escape_control_characters(std::string_view text, bool lines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_length(static_cast<unsigned char>(text[0]));
    const auto character = text.substr(0, length);
    const View octets(reinterpret_cast<const std::uint8_t*>(character.data()), character.size());
    if (character.size() < length || !is_utf8(octets)) {
      out += fmt::format("\\x{:02x}", octets[0]);
      text.remove_prefix(1);
      continue;
    }
    const auto code = code_of(character);
    if (lines && code == '\n') {
      out += '\n';
    } else if (is_control(code)) {
      out += fmt::format("\\x{:02x}", code);
    } else if (changes_direction(code) || is_not_text(code)) {
      out += fmt::format("\\u{:04x}", code);
    } else {
      out += character;
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace secct::files
