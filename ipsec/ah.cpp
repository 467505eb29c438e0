// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/ah.hpp"

#include <algorithm>

#include "ipsec/keyed_sa.hpp"

namespace secct::ipsec {
namespace {

constexpr std::uint8_t option_changes = 0x20;  // chg: data may change en route (RFC 2460 4.2)

// IPv4 options that routers change count as zeros. RFC 2402 appendix A lists the other ones.
void add_mutable_options(View octets, std::vector<Range>& ranges) {
  constexpr std::uint8_t end_of_options = 0;
  constexpr std::uint8_t immutable[] = {1, 130, 133, 134, 148, 149};  // NOP, security, alerts
  const std::size_t end = std::min<std::size_t>((octets[0] & 15U) * 4U, octets.size());
  for (auto at = ipv4_header_octets; at < end && octets[at] != end_of_options;) {
    const bool is_nop = octets[at] == 1;  // has no length octet
    const std::size_t length = is_nop ? 1 : at + 1 < end ? octets[at + 1] : 0;
    if (length == 0 || length > end - at) return;
    if (std::ranges::find(immutable, octets[at]) == std::end(immutable)) {
      ranges.push_back({at, length});
    }
    at += length;
  }
}

}  // namespace

std::vector<Range> uncovered_by_ah(View datagram, std::size_t ah_offset) {
  // Not from the length field of the AH, which malformed packets set to a wrong value.
  std::vector<Range> ranges{{ah_offset + ah_fixed_octets, icv_octets}};
  if (datagram[0] >> 4 == 4) {
    // TOS; flags, fragment offset; TTL; header checksum.
    ranges.insert(ranges.end(), {{1, 1}, {6, 2}, {8, 1}, {10, 2}});
    add_mutable_options(datagram, ranges);
    return ranges;
  }
  ranges.push_back({7, 1});  // hop limit
  const auto parsed = parse_datagram(datagram);
  if (!parsed) return ranges;
  for (const auto& header : parsed->chain) {
    if (header.type != ip_proto::hop_by_hop && header.type != ip_proto::dstopts) continue;
    for (const auto& option : parse_header_options(parsed->octets_of(header))) {
      const std::size_t at = header.offset + option.offset;
      if ((datagram[at] & option_changes) != 0 && option.length > 2) {
        ranges.push_back({at + 2, option.length - 2U});
      }
    }
  }
  return ranges;
}

Octets ah_icv(View datagram, std::size_t ah_offset, const Sa& sa) {
  KeyedSa keyed(sa);
  const auto icv = keyed.ah_icv(datagram, uncovered_by_ah(datagram, ah_offset));
  return {icv.begin(), icv.end()};
}

Decapsulated decapsulate_ah(const Datagram& datagram, const Header& header, const Sa& sa) {
  Decapsulated result;
  const auto octets = datagram.octets_of(header);
  const auto head = ipsec_head(datagram, header);
  if (!head || octets.size() != ah_fixed_octets + icv_octets) {
    result.error = IpsecError::malformed;
    return result;
  }
  result.sequence = head->sequence;
  if (!std::ranges::equal(ah_icv(datagram.octets, header.offset, sa),
                          octets.subspan(ah_fixed_octets))) {
    result.error = IpsecError::icv;
    return result;
  }
  result.next = octets[0];
  result.datagram = decapsulated_datagram(datagram, header, result.next,
                                          datagram.octets.subspan(header.offset + header.length));
  return result;
}

}  // namespace secct::ipsec
