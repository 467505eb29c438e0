// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/fragment.hpp"

#include <algorithm>

#include "network/datagram.hpp"
#include "protocol/checksum.hpp"

namespace secct::network {
namespace {

constexpr std::uint64_t reassembly_time = 60'000'000'000;  // RFC 8200 section 4.5
constexpr std::size_t most_open = 256;
constexpr std::size_t most_parts = 256;  // of one datagram
constexpr std::size_t most_octets = 65535;
constexpr std::size_t fragment_header_octets = 8;
constexpr std::size_t v4_protocol_at = 9;
constexpr std::uint16_t v4_more = 0x2000;

void put16(Octets& octets, std::size_t at, std::size_t number) {
  octets[at] = static_cast<std::uint8_t>(number >> 8);
  octets[at + 1] = static_cast<std::uint8_t>(number);
}

void finish_v4(Octets& datagram, std::size_t header_octets) {
  put16(datagram, 2, datagram.size());
  put16(datagram, 10, 0);
  put16(datagram, 10, internet_checksum(sum_of(View(datagram).first(header_octets))));
}

void finish_v6(Octets& datagram) { put16(datagram, 4, datagram.size() - ipv6_header_octets); }

// Where the part begins that may be cut: behind the headers that every router on the way reads.
struct Cut {
  std::size_t at;
  std::size_t next_at;  // the octet that names what follows
};

Cut cut_of(const Datagram& datagram) {
  if (datagram.v4) return {datagram.header_octets, v4_protocol_at};
  Cut cut{ipv6_header_octets, 6};
  for (const auto& header : datagram.chain) {
    if (header.type != ip_proto::hop_by_hop && header.type != ip_proto::routing) break;
    cut = {header.offset + header.length, header.offset};
  }
  return cut;
}

// A datagram as it is, but for the Fragment header of one that is whole (RFC 6946).
Octets without_fragment_header(View octets, const Datagram& datagram) {
  Octets whole(octets.begin(), octets.end());
  const auto cut = cut_of(datagram);
  if (datagram.v4 || whole[cut.next_at] != ip_proto::fragment) return whole;
  const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(cut.at);
  whole[cut.next_at] = *begin;
  whole.erase(begin, begin + fragment_header_octets);
  finish_v6(whole);
  return whole;
}

}  // namespace

std::vector<Octets> fragmented(View datagram, std::size_t mtu, std::uint32_t identification) {
  if (datagram.size() <= mtu) return {Octets(datagram.begin(), datagram.end())};
  const auto parsed = parse_datagram(datagram);
  if (!parsed) return {};
  const auto cut = cut_of(*parsed);
  const auto head = datagram.first(cut.at);
  const auto overhead = cut.at + (parsed->v4 ? 0 : fragment_header_octets);
  if (mtu < overhead + 8) return {};
  const auto step = (mtu - overhead) / 8 * 8;
  const auto body = parsed->octets.subspan(cut.at);
  std::vector<Octets> fragments;
  for (std::size_t at = 0; at < body.size(); at += step) {
    const auto part = body.subspan(at, std::min(step, body.size() - at));
    const bool more = at + part.size() < body.size();
    Octets fragment(head.begin(), head.end());
    if (parsed->v4) {
      put16(fragment, 4, identification & 0xffff);
      put16(fragment, 6, (more ? v4_more : 0U) | at / 8);
      append(fragment, part);
      finish_v4(fragment, cut.at);
    } else {
      const auto next = fragment[cut.next_at];
      fragment[cut.next_at] = ip_proto::fragment;
      append_number(fragment, next, 1);
      append_number(fragment, 0, 1);
      append_number(fragment, at | (more ? 1U : 0U), 2);
      append_number(fragment, identification, 4);
      append(fragment, part);
      finish_v6(fragment);
    }
    fragments.push_back(std::move(fragment));
  }
  return fragments;
}

struct Reassembler::Fragment {
  Key key;
  Octets head;  // its "next" already names what the fragments hold
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

void Reassembler::forget_old(std::uint64_t now) {
  std::erase_if(open_,
                [&](const auto& entry) { return entry.second.since + reassembly_time <= now; });
  if (open_.size() < most_open) return;
  open_.erase(
      std::ranges::min_element(open_, {}, [](const auto& entry) { return entry.second.since; }));
}

std::optional<Octets> Reassembler::add(View octets, std::uint64_t now) {
  const auto parsed = parse_datagram(octets);
  if (!parsed) return Octets(octets.begin(), octets.end());
  if (!parsed->is_fragment) return without_fragment_header(octets, *parsed);
  auto fragment = fragment_of(octets, *parsed);
  forget_old(now);
  const auto [entry, is_new] = open_.try_emplace(fragment.key);
  auto& pieces = entry->second;
  if (is_new) pieces.since = now;
  const auto refuse = [&, entry = entry] {
    open_.erase(entry);
    return std::nullopt;
  };

  const auto begin = fragment.offset;
  const auto end = begin + fragment.part.size();
  const auto after = pieces.parts.lower_bound(begin);
  if (after != pieces.parts.end() && after->first == begin &&
      std::ranges::equal(after->second, fragment.part)) {
    return std::nullopt;  // the same again
  }
  const bool overlaps = (after != pieces.parts.end() && after->first < end) ||
                        (after != pieces.parts.begin() &&
                         std::prev(after)->first + std::prev(after)->second.size() > begin);
  const bool contradicts = fragment.more
                               ? fragment.part.empty() || fragment.part.size() % 8 != 0 ||
                                     (pieces.length && end > *pieces.length)
                               : (pieces.length && *pieces.length != end) ||
                                     (!pieces.parts.empty() && pieces.parts.rbegin()->first >= end);
  if (overlaps || contradicts || end > most_octets || pieces.parts.size() >= most_parts) {
    return refuse();
  }
  pieces.octets += fragment.part.size();
  pieces.parts.emplace(begin, Octets(fragment.part.begin(), fragment.part.end()));
  if (begin == 0) pieces.head = std::move(fragment.head);
  if (!fragment.more) pieces.length = static_cast<std::uint32_t>(end);
  // Without overlaps, as many octets as there must be are all of them.
  if (!pieces.length || pieces.octets != *pieces.length) return std::nullopt;

  auto whole = std::move(pieces.head);
  const auto head_octets = whole.size();
  for (const auto& [offset, part] : pieces.parts) append(whole, part);
  const auto count = pieces.parts.size();
  open_.erase(entry);
  const bool v4 = whole[0] >> 4 == 4;
  if (whole.size() - (v4 ? 0 : ipv6_header_octets) > most_octets) return std::nullopt;
  if (v4) {
    finish_v4(whole, head_octets);
  } else {
    finish_v6(whole);
  }
  joined_ += count;
  return whole;
}

}  // namespace secct::network
