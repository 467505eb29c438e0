// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/packet/ipv6_fragments.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "files/yaml_reader.hpp"
#include "generator/packet/build.hpp"
#include "network/datagram.hpp"

namespace secct::generator {
namespace {

using H = HeaderField;
using K = LayerKind;

constexpr std::uint64_t offset_unit = 8;

// A hash (FNV-1a), so that a receiver does not reassemble fragments of different packets.
std::uint32_t identification(View octets) {
  std::uint32_t hash = 0x811c9dc5;
  for (const auto octet : octets) hash = (hash ^ octet) * 0x01000193;
  return hash;
}

}  // namespace

std::vector<PacketDocument> ipv6_fragments(const CodePoints& codepoints, const Keyring& keys,
                                           const PacketDocument& packet,
                                           std::span<const FragmentSpec> fragments) {
  const auto ip = std::ranges::find(packet.layers, K::ipv6, &Layer::kind);
  if (ip == packet.layers.end()) throw UsageError("ipv6: the packet has no such layer");
  auto headers = packet;
  headers.layers.resize(static_cast<std::size_t>(std::distance(packet.layers.begin(), ip)) + 1);
  const auto whole = build(codepoints, keys, packet);
  const auto head = build(codepoints, keys, headers);
  if (!whole.faults.empty()) {
    throw UsageError(fmt::format("{}: {}", whole.faults[0].path, whole.faults[0].text));
  }
  const auto payload = View(whole.octets).subspan(head.octets.size());
  // Both depend on the layers after the IPv6 header, which the fragments do not have.
  const auto header = View(whole.octets).subspan(head.octets.size() - ipv6_header_octets);
  const auto next = read_bits(header, row(H::ipv6_nxt));
  const auto hop_limit = read_bits(header, row(H::ipv6_hlim));
  headers.layers.back().set(H::ipv6_hlim, hop_limit);
  std::vector<PacketDocument> all;
  for (const auto& spec : fragments) {
    const auto from = std::min<std::size_t>(spec.from, payload.size());
    const auto octets = payload.subspan(
        from, std::min<std::size_t>(spec.octets.value_or(payload.size()), payload.size() - from));
    auto& fragment = all.emplace_back(headers);
    Layer fraghdr{.kind = K::fraghdr, .fields = {}, .elements = {}};
    fraghdr.set(H::fraghdr_nxt, next);
    fraghdr.set(H::fraghdr_offset, std::uint64_t{spec.offset.value_or(spec.from)} / offset_unit);
    const bool more = spec.more.value_or(from + octets.size() < payload.size());
    fraghdr.set(H::fraghdr_more, std::uint64_t{more});
    fraghdr.set(H::fraghdr_ident, std::uint64_t{identification(payload) + spec.ident});
    Layer data{.kind = K::data, .fields = {}, .elements = {}};
    data.set(H::data_octets, Octets(octets.begin(), octets.end()));
    fragment.layers.push_back(std::move(fraghdr));
    fragment.layers.push_back(std::move(data));
  }
  return all;
}

}  // namespace secct::generator
