// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/redact.hpp"

#include <algorithm>

#include "generator/capture/redact_text.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/redacted.hpp"
#include "network/write_number.hpp"
#include "protocol/checksum.hpp"

namespace secct::generator {
namespace {

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

Redactor::Redactor(const CodePoints& codepoints, const Keyring& keys, KeysOfAddress keys_of_address)
    : finder_(codepoints, keys), keys_of_address_(std::move(keys_of_address)) {
  for (const auto& sa : keys.sas) {
    add_key(sa.auth_key);
    add_key(sa.cipher_key);
  }
}

void Redactor::learn(const Frame& frame, std::uint64_t time) {
  const auto values = finder_.values(frame, time);
  for (const auto& value : values.secrets) secrets_.add(value, SecretMap::Source::capture);
  if (!keys_of_address_) return;
  for (const auto& address : values.addresses) {
    if (addresses_.insert(address).second) {
      keys_of_address_(address, [this](View key) { add_key(key); });
    }
  }
}

void Redactor::count(std::uint64_t frame, const std::vector<UnreadPart>& parts) {
  for (const auto& part : parts) {
    const auto row = std::ranges::find(unread_, part.reason,
                                       [](const auto& frames) { return frames.first.reason; });
    if (row != unread_.end()) {
      ++row->frames;
    } else {
      unread_.push_back({part, frame, 1});
    }
  }
}

void Redactor::overwrite(std::span<std::uint8_t> octets, SecretRange::Kind kind) const {
  using Kind = SecretRange::Kind;
  if (kind == Kind::unread) {
    std::ranges::fill(octets, std::uint8_t{0});
    return;
  }
  std::ranges::copy(secrets_.replacement(octets), octets.begin());
  if (kind == Kind::icv) mark_redacted_icv(octets);
  if (kind == Kind::encrypted && octets.size() >= icv_octets) {
    mark_redacted_icv(octets.last(icv_octets));
  }
}

bool Redactor::redact(CapturedPacket& packet) {
  auto& octets = packet.octets;
  const auto found = finder_.find(
      {packet.link, octets, std::max<std::size_t>(packet.original_length, octets.size())});
  count(packet.number, found.unread);
  const Octets before = octets;
  const auto overwrite_range = [&](const SecretRange& range) {
    const auto part = std::span(octets).subspan(range.at, range.octets);
    std::ranges::copy(View(before).subspan(range.at, range.octets), part.begin());
    overwrite(part, range.kind);
  };
  // Secrets at any position first: in their own field, the same replacement is written again below.
  for (std::size_t at = 0; at < before.size();) {
    const auto length = secrets_.secret_at(before, at, shortest_in_packets);
    if (length > 0) overwrite_range({at, length, SecretRange::Kind::value});
    at += std::max<std::size_t>(length, 1);
  }
  std::ranges::for_each(found.ranges, overwrite_range);
  std::for_each(found.checksums.rbegin(), found.checksums.rend(),
                [&](const auto& checksum) { update(checksum, before, octets); });
  for (auto& comment : packet.comments) comment = redact(comment);
  return found.unread.empty();
}

std::string Redactor::redact(const std::string& text) { return redact_text(text, secrets_); }

}  // namespace secct::generator
