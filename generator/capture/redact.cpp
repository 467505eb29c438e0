// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/redact.hpp"

#include <algorithm>
#include <cctype>
#include <functional>

#include "generator/capture/secrets.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/esp.hpp"
#include "network/write_number.hpp"

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

}  // namespace

Redactor::Redactor(const CodePoints& codepoints, Keyring keys)
    : codepoints_(codepoints), keys_(std::move(keys)), salt_(random_octets(salt_octets)) {
  for (const auto& sa : keys_.sas) {
    add_secret(sa.auth_key);
    add_secret(sa.cipher_key);
  }
}

// A keyed hash of the secret, as long as the secret.
Octets Redactor::replacement(View secret) const {
  Octets octets;
  for (std::uint8_t block = 0; octets.size() < secret.size(); ++block) {
    Octets input{block};
    append_number(input, octets.size(), 4);
    append(input, secret);
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

void Redactor::learn(LinkType link, View octets) {
  for (const auto& secret : find_secrets(codepoints_, link, octets).ranges) {
    if (secret.is_value) add_secret(octets.subspan(secret.at, secret.octets));
  }
  if (keys_.sas.empty()) return;
  const auto at = network_offset(link, octets);
  const auto outer = at ? parse_datagram(octets.subspan(*at)) : std::nullopt;
  const auto* esp = outer ? outer->find(ip_proto::esp) : nullptr;
  const auto head = esp != nullptr ? ipsec_head(*outer, *esp) : std::nullopt;
  const auto* sa = head ? keys_.find(IpsecProtocol::esp, head->spi, outer->destination) : nullptr;
  if (sa == nullptr) return;
  const auto inner = decapsulate_esp(*outer, *esp, *sa);
  if (inner.error == IpsecError::none) learn(LinkType::raw_ip, inner.datagram);
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

void Redactor::redact(LinkType link, Octets& octets) const {
  const auto found = find_secrets(codepoints_, link, octets);
  std::vector<CoveringChecksum> correct;
  for (const auto& checksum : found.checksums) {
    const auto written = big_endian(View(octets).subspan(checksum.at, 2));
    if (correct_checksum(checksum, octets) == written) correct.push_back(checksum);
  }
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
  for (const auto& checksum : correct) {
    write_number(std::span(octets).subspan(checksum.at, 2), correct_checksum(checksum, octets));
  }
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
