// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/redact_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

namespace secct::generator {
namespace {

// Places of the digits of some encoding in a text, in order.
using Digits = std::vector<std::size_t>;

struct Match {
  std::size_t at;
  std::size_t octets;
};

bool is(int (*kind)(int), char c) { return kind(static_cast<unsigned char>(c)) != 0; }
bool is_hex(char c) { return is(std::isxdigit, c); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
// Between two digits; includes all octets of characters that are not ASCII.
bool is_separator(char c) {
  constexpr unsigned first_not_ascii = 0x80;
  return is(std::isspace, c) || is(std::ispunct, c) ||
         static_cast<unsigned char>(c) >= first_not_ascii;
}

// The secrets in `octets`, and parts of secrets.
std::vector<Match> matches(View octets, std::size_t shortest, SecretMap& secrets) {
  std::vector<Match> found;
  for (std::size_t at = 0; at < octets.size();) {
    auto length = secrets.secret_at(octets, at, shortest);
    if (length == 0 && secrets.has_part_at(octets, at)) {
      length = shortest_in_packets;
      while (secrets.has_part_at(octets, at + length - shortest_in_packets + 1)) ++length;
    }
    if (length > 0) found.push_back({at, length});
    at += std::max<std::size_t>(length, 1);
  }
  return found;
}

// --- hexadecimal

// The length of a 0x or \x before a digit, or 0.
std::size_t prefix_at(std::string_view text, std::size_t at) {
  const bool is_prefix = at + 2 < text.size() && (text[at] == '0' || text[at] == '\\') &&
                         (text[at + 1] == 'x' || text[at + 1] == 'X') && is_hex(text[at + 2]);
  return is_prefix ? 2 : 0;
}

// Digits with at most 16 other characters between each two of them.
std::vector<Digits> hex_runs(std::string_view text) {
  constexpr std::size_t longest_gap = 16;
  std::vector<Digits> runs(1);
  for (std::size_t at = 0; at < text.size();) {
    const auto prefix = prefix_at(text, at);
    if (prefix == 0 && is_hex(text[at])) {
      auto& run = runs.back();
      if (!run.empty() && at - run.back() > longest_gap) runs.emplace_back();
      runs.back().push_back(at);
    } else if (prefix == 0 && !is_separator(text[at]) && !runs.back().empty()) {
      runs.emplace_back();
    }
    at += std::max<std::size_t>(prefix, 1);
  }
  return runs;
}

// The offset of the first octet after the offset column of a line of a hex dump.
std::optional<std::size_t> after_offset(std::string_view line) {
  constexpr std::size_t shortest = 3;
  constexpr std::size_t longest = 16;
  std::size_t at = 0;
  while (at < line.size() && is_blank(line[at])) ++at;
  at += prefix_at(line, at);
  const auto first = at;
  while (at < line.size() && is_hex(line[at])) ++at;
  if (at - first < shortest || at - first > longest) return std::nullopt;
  if (at < line.size() && line[at] == ':') ++at;
  if (at >= line.size() || !is_blank(line[at])) return std::nullopt;
  return at;
}

// The digits of a line of a hex dump, without the offset and the characters.
Digits dump_digits(std::string_view line) {
  constexpr std::size_t usual_digits = 32;
  Digits digits;
  const auto start = after_offset(line);
  for (auto at = start.value_or(line.size()); at < line.size();) {
    const auto gap = at;
    while (at < line.size() && (is_blank(line[at]) || line[at] == '-')) ++at;
    // Two spaces separate the characters, but often also two groups of 8 octets.
    if (at - gap > 1 && digits.size() >= usual_digits) break;
    const auto group = at;
    while (at < line.size() && is_hex(line[at])) ++at;
    if (at == group || (at - group) % 2 != 0) break;
    for (auto digit = group; digit < at; ++digit) digits.push_back(digit);
  }
  return digits;
}

// The digits of consecutive lines of hex dumps.
std::vector<Digits> dump_runs(std::string_view text) {
  std::vector<Digits> runs(1);
  for (std::size_t from = 0; from < text.size();) {
    const auto to = std::min(text.find('\n', from), text.size());
    const auto line = dump_digits(text.substr(from, to - from));
    if (line.empty() && !runs.back().empty()) runs.emplace_back();
    for (const auto digit : line) runs.back().push_back(from + digit);
    from = to + 1;
  }
  return runs;
}

std::uint8_t hex_value(char c) {
  constexpr int ten = 10;
  const auto value = is(std::isdigit, c) ? c - '0' : std::tolower(c) - 'a' + ten;
  return static_cast<std::uint8_t>(value);
}

// Overwrites the digits of `replacement` at `digits`, in the case of the text.
void overwrite_hex(std::string& text, std::span<const std::size_t> digits, View replacement) {
  const bool is_upper =
      std::ranges::any_of(digits, [&](auto digit) { return is(std::isupper, text[digit]); });
  const auto hex = to_hex(replacement);
  for (std::size_t i = 0; i < hex.size(); ++i) {
    text[digits[i]] = is_upper ? static_cast<char>(std::toupper(hex[i])) : hex[i];
  }
}

// Redacts the run in `text`; `before` is the text before any of its runs was. An octet may begin
// with each digit.
void redact_hex(std::string& text, const std::string& before, const Digits& run,
                SecretMap& secrets) {
  for (std::size_t first = 0; first < 2 && first < run.size(); ++first) {
    Octets octets;
    for (auto i = first; i + 1 < run.size(); i += 2) {
      const auto high = hex_value(before[run[i]]);
      octets.push_back(static_cast<std::uint8_t>(high << 4 | hex_value(before[run[i + 1]])));
    }
    for (const auto& [at, length] : matches(octets, shortest_in_text, secrets)) {
      overwrite_hex(text, std::span(run).subspan(first + 2 * at, 2 * length),
                    secrets.replacement(View(octets).subspan(at, length)));
    }
  }
}

// --- base64

constexpr std::size_t digit_bits = 6;
constexpr std::size_t octet_bits = 8;

std::optional<std::uint8_t> base64_value(char c) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
  constexpr std::size_t values = 64;
  const auto at = digits.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(at < values ? at : at - 2);
}

char base64_digit(std::uint8_t value, char before) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const bool is_url_alphabet = before == '-' || before == '_';
  if (value < digits.size()) return digits[value];
  return (is_url_alphabet ? "-_" : "+/")[value - digits.size()];
}

// Line breaks are allowed within data.
std::vector<Digits> base64_runs(std::string_view text) {
  std::vector<Digits> runs(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (base64_value(text[at])) {
      runs.back().push_back(at);
    } else if (text[at] != '\n' && text[at] != '\r' && !runs.back().empty()) {
      runs.emplace_back();
    }
  }
  return runs;
}

// Overwrites the bits of `replacement` from bit number `bit` of the digits on.
void overwrite_base64(std::string& text, const Digits& run, std::size_t bit, View replacement) {
  for (std::size_t i = 0; i < replacement.size() * octet_bits; ++i, ++bit) {
    auto& digit = text[run[bit / digit_bits]];
    const auto mask = 1U << (digit_bits - 1 - bit % digit_bits);
    const bool is_set = (replacement[i / octet_bits] >> (octet_bits - 1 - i % octet_bits)) % 2 != 0;
    const unsigned value = *base64_value(digit);
    digit = base64_digit(static_cast<std::uint8_t>(is_set ? value | mask : value & ~mask), digit);
  }
}

// The same for base64; data may begin with each digit.
void redact_base64(std::string& text, const std::string& before, const Digits& run,
                   SecretMap& secrets) {
  for (std::size_t first = 0; first < 4 && first < run.size(); ++first) {
    Octets octets;
    std::uint32_t bits = 0;
    std::size_t count = 0;
    for (auto i = first; i < run.size(); ++i) {
      bits = bits << digit_bits | *base64_value(before[run[i]]);
      count += digit_bits;
      if (count < octet_bits) continue;
      count -= octet_bits;
      octets.push_back(static_cast<std::uint8_t>(bits >> count));
    }
    for (const auto& [at, length] : matches(octets, shortest_in_text, secrets)) {
      overwrite_base64(text, run, first * digit_bits + at * octet_bits,
                       secrets.replacement(View(octets).subspan(at, length)));
    }
  }
}

// --- octets

void redact_octets(std::string& text, SecretMap& secrets) {
  const Octets octets(text.begin(), text.end());
  for (const auto& [at, length] : matches(octets, shortest_in_packets, secrets)) {
    std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), length, '*');
  }
}

template <class Redact>
void redact_runs(std::string& text, const std::vector<Digits>& runs, SecretMap& secrets,
                 Redact redact) {
  const std::string before = text;
  for (const auto& run : runs) redact(text, before, run, secrets);
}

}  // namespace

std::string redact_text(const std::string& text, SecretMap& secrets) {
  auto result = text;
  redact_runs(result, dump_runs(text), secrets, redact_hex);
  redact_runs(result, hex_runs(text), secrets, redact_hex);
  redact_runs(result, base64_runs(text), secrets, redact_base64);
  redact_octets(result, secrets);
  return result;
}

}  // namespace secct::generator
