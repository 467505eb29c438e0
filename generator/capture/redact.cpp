// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/redact.hpp"

#include <algorithm>
#include <cctype>
#include <functional>

#include "ipsec/crypto.hpp"
#include "network/write_number.hpp"
#include "protocol/checksum.hpp"

namespace secct::generator {
namespace {

constexpr std::size_t salt_octets = 32;
// Shorter octet strings occur in packets by chance.
constexpr std::size_t shortest_in_packets = 8;
constexpr std::size_t shortest_in_text = 4;  // a token

std::uint32_t prefix(View octets) {
  return static_cast<std::uint32_t>(big_endian(octets.first(shortest_in_text)));
}

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

// Adapts a checksum to changes of the octets that it covers (RFC 1624).
void update(const CoveringChecksum& checksum, View before, Octets& octets) {
  const auto old = before.subspan(checksum.from, checksum.octets);
  const auto now = View(octets).subspan(checksum.from, checksum.octets);
  const auto field = std::span(octets).subspan(checksum.at, 2);
  if (std::ranges::equal(old, now) || !std::ranges::equal(field, before.subspan(checksum.at, 2))) {
    return;  // unchanged, or the checksum itself was overwritten
  }
  const auto written = big_endian(field);
  const auto result =
      internet_checksum((0xffff - written) + sum_of(now) + internet_checksum(sum_of(old)));
  write_number(field, checksum.is_udp && result == 0 ? 0xffff : result);  // RFC 768
}

}  // namespace

Redactor::Redactor(const CodePoints& codepoints, const Keyring& keys)
    : finder_(codepoints, keys), salt_(random_octets(salt_octets)) {
  for (const auto& sa : keys.sas) {
    add_secret(sa.auth_key);
    add_secret(sa.cipher_key);
  }
}

// A keyed hash of the secret, as long as the secret.
Octets Redactor::replacement(View secret) const {
  const auto digest = hmac_sha1(salt_, secret);
  Octets octets;
  while (octets.size() < secret.size()) {
    auto input = digest;
    append_number(input, octets.size(), 4);
    append(octets, hmac_sha1(salt_, input));
  }
  octets.resize(secret.size());
  return octets;
}

void Redactor::add_secret(View secret) {
  if (secret.size() < shortest_in_text) return;
  // Zeros are not secret, and occur in all packets.
  if (std::ranges::all_of(secret, [](auto octet) { return octet == 0; })) return;
  const auto [entry, is_new] =
      replacements_.try_emplace(Octets(secret.begin(), secret.end()), replacement(secret));
  if (!is_new) return;
  auto& lengths = lengths_[prefix(secret)];
  if (std::ranges::find(lengths, secret.size()) == lengths.end()) {
    lengths.push_back(secret.size());
    std::ranges::sort(lengths, std::greater());
  }
}

void Redactor::learn(const Frame& frame, std::uint64_t time) {
  for (const auto& value : finder_.values(frame, time)) add_secret(value);
}

std::size_t Redactor::secret_at(View octets, std::size_t at, std::size_t shortest) const {
  if (octets.size() - at < shortest) return 0;
  const auto found = lengths_.find(prefix(octets.subspan(at)));
  if (found == lengths_.end()) return 0;
  for (const auto length : found->second) {
    if (length < shortest || length > octets.size() - at) continue;
    const auto part = octets.subspan(at, length);
    if (replacements_.contains(Octets(part.begin(), part.end()))) return length;
  }
  return 0;
}

void Redactor::count(const std::vector<UnreadPart>& parts) {
  ++redacted_;
  for (const auto& part : parts) {
    const auto row = std::ranges::find(unread_, part.reason,
                                       [](const auto& frames) { return frames.first.reason; });
    if (row != unread_.end()) {
      ++row->frames;
    } else {
      unread_.push_back({part, redacted_, 1});
    }
  }
}

void Redactor::redact(LinkType link, Octets& octets, std::size_t original_length) {
  const auto found = finder_.find({link, octets, std::max(original_length, octets.size())});
  count(found.unread);
  const Octets before = octets;
  const auto overwrite = [&](std::size_t at, std::size_t length) {
    const auto other = replacement(View(before).subspan(at, length));
    std::ranges::copy(other, octets.begin() + static_cast<std::ptrdiff_t>(at));
  };
  // Secrets at any position first: in their own field, the same replacement is written again below.
  for (std::size_t at = 0; at < before.size();) {
    const auto length = secret_at(before, at, shortest_in_packets);
    if (length > 0) overwrite(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  for (const auto& secret : found.ranges) overwrite(secret.at, secret.octets);
  std::for_each(found.checksums.rbegin(), found.checksums.rend(),
                [&](const auto& checksum) { update(checksum, before, octets); });
}

std::string Redactor::redact(const std::string& text) const {
  auto result = text;
  for (std::size_t from = 0; from < text.size();) {
    if (!is_hex(text[from])) {
      ++from;
      continue;
    }
    // A run of hexadecimal digits, possibly separated by colons.
    std::vector<std::size_t> digits;
    auto to = from;
    for (; to < text.size() && (is_hex(text[to]) || text[to] == ':'); ++to) {
      if (is_hex(text[to])) digits.push_back(to);
    }
    for (std::size_t first = 0; first + 2 * shortest_in_text <= digits.size();) {
      std::string pairs;
      for (auto i = first; i + 1 < digits.size(); i += 2) {
        pairs += text[digits[i]];
        pairs += text[digits[i + 1]];
      }
      Octets octets;
      const auto length =
          parse_hex(pairs, octets) ? secret_at(octets, 0, shortest_in_text) : std::size_t{0};
      if (length > 0) {
        const auto other = to_hex(replacement(View(octets).first(length)));
        for (std::size_t i = 0; i < 2 * length; ++i) result[digits[first + i]] = other[i];
      }
      first += std::max<std::size_t>(2 * length, 1);
    }
    from = to;
  }
  return result;
}

}  // namespace secct::generator
