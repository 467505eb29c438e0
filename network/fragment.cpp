// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/fragment.hpp"

#include <algorithm>

#include "network/datagram.hpp"
#include "network/write_number.hpp"

namespace secct::network {
namespace {

constexpr std::uint64_t reassembly_time = 60'000'000'000;  // RFC 8200 section 4.5
constexpr std::size_t most_incomplete = 256;
constexpr std::size_t most_parts = 256;  // of one datagram
constexpr std::size_t most_octets = 65535;
constexpr std::size_t fragment_header_octets = 8;
constexpr std::size_t v4_protocol_at = 9;
constexpr std::uint16_t v4_more = 0x2000;

void put16(Octets& octets, std::size_t at, std::size_t number) {
  write_number(std::span(octets).subspan(at, 2), number);
}

// The headers that each fragment repeats (RFC 8200 section 4.5).
struct UnfragmentablePart {
  std::size_t octets;
  std::size_t next_at;  // offset of its last Next Header octet; IPv4: of the protocol
};

UnfragmentablePart unfragmentable_part(const Datagram& datagram) {
  if (datagram.v4) return {datagram.header_octets, v4_protocol_at};
  UnfragmentablePart part{ipv6_header_octets, 6};
  for (const auto& header : datagram.chain) {
    if (header.type != ip_proto::hop_by_hop && header.type != ip_proto::routing) break;
    part = {header.offset + header.length, header.offset};
  }
  return part;
}

// The datagram without the Fragment header of an atomic fragment (RFC 6946).
Octets without_fragment_header(View octets, const Datagram& datagram) {
  Octets whole(octets.begin(), octets.end());
  const auto head = unfragmentable_part(datagram);
  if (datagram.v4 || whole[head.next_at] != ip_proto::fragment) return whole;
  const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(head.octets);
  whole[head.next_at] = *begin;
  whole.erase(begin, begin + fragment_header_octets);
  update_ip_length(whole);
  return whole;
}

}  // namespace

std::vector<Octets> fragmented(View datagram, std::size_t mtu, std::uint32_t identification) {
  if (datagram.size() <= mtu) return {Octets(datagram.begin(), datagram.end())};
  const auto parsed = parse_datagram(datagram);
  if (!parsed) return {};
  const auto head = unfragmentable_part(*parsed);
  const auto overhead = head.octets + (parsed->v4 ? 0 : fragment_header_octets);
  if (mtu < overhead + 8) return {};
  const auto step = (mtu - overhead) / 8 * 8;
  // An AH ICV covers the Identification of IPv4 (RFC 2402 3.3.3.1.1.1).
  const bool keeps_identification =
      parsed->v4 && !parsed->chain.empty() && parsed->chain.front().type == ip_proto::ah;
  const auto body = parsed->octets.subspan(head.octets);
  std::vector<Octets> fragments;
  for (std::size_t at = 0; at < body.size(); at += step) {
    const auto part = body.subspan(at, std::min(step, body.size() - at));
    const bool more = at + part.size() < body.size();
    Octets fragment(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(head.octets));
    if (parsed->v4) {
      if (!keeps_identification) put16(fragment, 4, identification & 0xffff);
      put16(fragment, 6, (more ? v4_more : 0U) | at / 8);
    } else {
      const auto next = fragment[head.next_at];
      fragment[head.next_at] = ip_proto::fragment;
      append_number(fragment, next, 1);
      append_number(fragment, 0, 1);
      append_number(fragment, at | (more ? 1U : 0U), 2);
      append_number(fragment, identification, 4);
    }
    append(fragment, part);
    update_ip_length(fragment);
    fragments.push_back(std::move(fragment));
  }
  return fragments;
}

struct Reassembler::Fragment {
  Key key;
  Octets head;  // unfragmentable part, with the protocol of the fragmentable part
  std::uint32_t offset;
  bool more;
  View part;
};

Reassembler::Fragment Reassembler::fragment_of(View octets, const Datagram& datagram) {
  Fragment fragment{{datagram.source, datagram.destination, 0}, {}, 0, false, {}};
  if (datagram.v4) {
    const auto flags = big_endian(octets.subspan(6, 2));
    fragment.key.identification = big_endian(octets.subspan(4, 2)) << 8 | octets[v4_protocol_at];
    fragment.offset = static_cast<std::uint32_t>(flags & 0x1fff) * 8;
    fragment.more = (flags & v4_more) != 0;
    fragment.head.assign(octets.begin(), octets.begin() + datagram.header_octets);
    put16(fragment.head, 6, 0);
    fragment.part = datagram.octets.subspan(datagram.header_octets);
    return fragment;
  }
  const auto& header = datagram.chain.back();
  const auto place = big_endian(octets.subspan(header.offset + 2, 2));
  fragment.key.identification = big_endian(octets.subspan(header.offset + 4, 4));
  fragment.offset = static_cast<std::uint32_t>(place & 0xfff8);
  fragment.more = (place & 1) != 0;
  fragment.head.assign(octets.begin(), octets.begin() + header.offset);
  const auto next_at =
      datagram.chain.size() > 1 ? datagram.chain[datagram.chain.size() - 2].offset : 6U;
  fragment.head[next_at] = octets[header.offset];
  fragment.part = datagram.octets.subspan(header.offset + header.length);
  return fragment;
}

void Reassembler::forget(Partials::iterator entry) {
  order_.erase(entry->second.position);
  partial_.erase(entry);
}

void Reassembler::discard(Partials::iterator entry) {
  discarded_ += entry->second.parts.size();
  forget(entry);
}

void Reassembler::discard_expired(std::uint64_t now) {
  while (!order_.empty()) {
    const auto oldest = partial_.find(order_.front());
    if (oldest->second.since + reassembly_time > now) break;
    discard(oldest);
  }
}

std::optional<Octets> Reassembler::add(View octets, std::uint64_t now) {
  const auto parsed = parse_datagram(octets);
  if (!parsed) return Octets(octets.begin(), octets.end());
  if (!parsed->is_fragment) return without_fragment_header(octets, *parsed);
  auto fragment = fragment_of(octets, *parsed);
  discard_expired(now);
  const auto [entry, is_new] = partial_.try_emplace(fragment.key);
  auto& partial = entry->second;
  if (is_new) {
    partial.since = now;
    partial.position = order_.insert(order_.end(), fragment.key);
    if (partial_.size() > most_incomplete) discard(partial_.find(order_.front()));
  }

  const auto begin = fragment.offset;
  const auto end = begin + fragment.part.size();
  const auto after = partial.parts.lower_bound(begin);
  if (after != partial.parts.end() && after->first == begin &&
      std::ranges::equal(after->second, fragment.part)) {
    return std::nullopt;  // a duplicate
  }
  const bool overlaps = (after != partial.parts.end() && after->first < end) ||
                        (after != partial.parts.begin() &&
                         std::prev(after)->first + std::prev(after)->second.size() > begin);
  const bool contradicts =
      fragment.more ? fragment.part.empty() || fragment.part.size() % 8 != 0 ||
                          (partial.length && end > *partial.length)
                    : (partial.length && *partial.length != end) ||
                          (!partial.parts.empty() && partial.parts.rbegin()->first >= end);
  if (overlaps || contradicts || end > most_octets || partial.parts.size() >= most_parts) {
    ++discarded_;  // this fragment
    discard(entry);
    return std::nullopt;
  }
  partial.octets += fragment.part.size();
  partial.parts.emplace(begin, Octets(fragment.part.begin(), fragment.part.end()));
  if (begin == 0) partial.head = std::move(fragment.head);
  if (!fragment.more) partial.length = static_cast<std::uint32_t>(end);
  // Fragments do not overlap, so the count of octets shows whether the datagram is complete.
  if (!partial.length || partial.octets != *partial.length) return std::nullopt;

  auto whole = std::move(partial.head);
  for (const auto& [offset, part] : partial.parts) append(whole, part);
  const auto count = partial.parts.size();
  forget(entry);
  const bool v4 = whole[0] >> 4 == 4;
  if (whole.size() - (v4 ? 0 : ipv6_header_octets) > most_octets) {
    discarded_ += count;
    return std::nullopt;
  }
  update_ip_length(whole);
  reassembled_ += count;
  return whole;
}

}  // namespace secct::network
