// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/packet/ipv6_fragments.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "files/yaml_reader.hpp"
#include "network/datagram.hpp"

namespace secct::generator {
namespace {

using H = HeaderField;
using K = LayerKind;

constexpr std::uint64_t offset_unit = 8;

// Another Identification for each packet (FNV-1a), so that receivers do not mix them up.
std::uint32_t identification(View octets) {
  std::uint32_t hash = 0x811c9dc5;
  for (const auto octet : octets) hash = (hash ^ octet) * 0x01000193;
  return hash;
}

}  // namespace

std::vector<PacketDocument> in_pieces(const CodePoints& codepoints, const Keyring& keys,
                                      const PacketDocument& packet, std::span<const Piece> pieces) {
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
  // What the IPv6 header says of the part behind it, the Fragment header now says.
  const auto next =
      whole.octets[head.octets.size() - ipv6_header_octets + row(H::ipv6_nxt).bit / 8];
  const auto hop_limit =
      whole.octets[head.octets.size() - ipv6_header_octets + row(H::ipv6_hlim).bit / 8];
  headers.layers.back().set(H::ipv6_hlim, std::uint64_t{hop_limit});
  std::vector<PacketDocument> all;
  for (const auto& piece : pieces) {
    const auto from = std::min<std::size_t>(piece.from, payload.size());
    const auto octets = payload.subspan(
        from, std::min<std::size_t>(piece.octets.value_or(payload.size()), payload.size() - from));
    auto& fragment = all.emplace_back(headers);
    Layer header{.kind = K::fraghdr, .fields = {}, .elements = {}};
    header.set(H::fraghdr_nxt, std::uint64_t{next});
    header.set(H::fraghdr_offset, std::uint64_t{piece.offset.value_or(piece.from)} / offset_unit);
    const bool more = piece.more.value_or(from + octets.size() < payload.size());
    header.set(H::fraghdr_more, std::uint64_t{more});
    header.set(H::fraghdr_ident, std::uint64_t{identification(payload) + piece.ident});
    Layer data{.kind = K::data, .fields = {}, .elements = {}};
    data.set(H::data_octets, Octets(octets.begin(), octets.end()));
    fragment.layers.push_back(std::move(header));
    fragment.layers.push_back(std::move(data));
  }
  return all;
}

}  // namespace secct::generator
