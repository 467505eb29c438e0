// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/secret_map.hpp"

#include <algorithm>
#include <functional>

#include "ipsec/crypto.hpp"
#include "ipsec/redacted.hpp"
#include "network/write_number.hpp"

namespace secct::generator {
namespace {

constexpr std::size_t salt_octets = 32;
constexpr std::size_t token_octets = 4;
constexpr std::size_t part_octets = shortest_in_packets;

std::uint32_t prefix(View octets) {
  return static_cast<std::uint32_t>(big_endian(octets.first(shortest_in_text)));
}

}  // namespace

SecretMap::SecretMap() : salt_(random_octets(salt_octets)) {}

void SecretMap::add(View secret, Source source) {
  if (secret.size() < shortest_in_text) return;
  if (std::ranges::all_of(secret, [](auto octet) { return octet == 0; })) return;
  auto [entry, is_new] =
      secrets_.try_emplace(Octets(secret.begin(), secret.end()), Secret{{}, Source::description});
  if (source == Source::capture && entry->second.source != source) {
    entry->second.source = source;
    ++in_capture_;
  }
  if (!is_new) return;
  if (secret.size() == token_octets) {
    append_number(entry->second.replacement, redacted_token(tokens_++), token_octets);
  } else {
    entry->second.replacement = replacement(secret);
  }
  auto& lengths = lengths_[prefix(secret)];
  if (std::ranges::find(lengths, secret.size()) == lengths.end()) {
    lengths.push_back(secret.size());
    std::ranges::sort(lengths, std::greater());
  }
  for (std::size_t at = 0; at + part_octets <= secret.size(); ++at) {
    const auto part = big_endian(secret.subspan(at, part_octets));
    if (part != 0) parts_.push_back(part);
  }
  sorted_ = false;
}

// A keyed hash of the octets, unless they are a secret with a replacement.
Octets SecretMap::replacement(View octets) const {
  const auto known = secrets_.find(Octets(octets.begin(), octets.end()));
  if (known != secrets_.end() && !known->second.replacement.empty()) {
    return known->second.replacement;
  }
  const auto digest = hmac_sha1(salt_, octets);
  Octets result;
  while (result.size() < octets.size()) {
    auto input = digest;
    append_number(input, result.size(), 4);
    append(result, hmac_sha1(salt_, input));
  }
  result.resize(octets.size());
  return result;
}

bool SecretMap::is_beginning(View octets) const {
  const Octets beginning(octets.begin(), octets.end());
  const auto next = secrets_.lower_bound(beginning);
  return next != secrets_.end() && next->first.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), next->first.begin());
}

std::size_t SecretMap::secret_at(View octets, std::size_t at, std::size_t shortest) const {
  const auto rest = octets.subspan(at);
  if (rest.size() < shortest) return 0;
  const auto found = lengths_.find(prefix(rest));
  if (found == lengths_.end()) return 0;
  for (const auto length : found->second) {
    if (length < shortest) continue;
    if (length > rest.size()) {
      if (rest.size() >= part_octets && is_beginning(rest)) return rest.size();
      continue;
    }
    const auto part = rest.first(length);
    if (secrets_.contains(Octets(part.begin(), part.end()))) return length;
  }
  return 0;
}

bool SecretMap::has_part_at(View octets, std::size_t at) {
  if (octets.size() - at < part_octets) return false;
  if (!sorted_) {
    std::ranges::sort(parts_);
    parts_.erase(std::ranges::unique(parts_).begin(), parts_.end());
    sorted_ = true;
  }
  return std::ranges::binary_search(parts_, big_endian(octets.subspan(at, part_octets)));
}

}  // namespace secct::generator
