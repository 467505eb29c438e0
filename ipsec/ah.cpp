// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/ah.hpp"

#include <algorithm>

#include "ipsec/keyed_sa.hpp"
#include "ipsec/redacted.hpp"
#include "network/write_number.hpp"

namespace secct::ipsec {
namespace {

constexpr std::size_t ah_octets = ah_fixed_octets + icv_octets;

// IPv4 options that routers change count as zeros. RFC 2402 appendix A lists the other ones.
void add_v4_zeros(View octets, std::vector<Range>& zeros) {
  constexpr std::uint8_t immutable[] = {1, 130, 133, 134, 148, 149};  // NOP, security, alerts
  // TOS; flags, fragment offset; TTL; header checksum.
  zeros.insert(zeros.end(), {{1, 1}, {6, 2}, {8, 1}, {10, 2}});
  for (const auto& option : parse_ipv4_options(octets)) {
    if (std::ranges::find(immutable, octets[option.offset]) == std::end(immutable)) {
      zeros.push_back({option.offset, option.length});
    }
  }
}

void add_changing_options(View octets, const Header& header, std::vector<Range>& zeros) {
  constexpr std::uint8_t changes = 0x20;  // chg: data may change en route (RFC 2460 section 4.2)
  for (const auto& option : parse_header_options(octets.subspan(header.offset, header.length))) {
    const std::size_t at = header.offset + option.offset;
    if ((octets[at] & changes) != 0 && option.length > 2) {
      zeros.push_back({at + 2, option.length - 2U});
    }
  }
}

// Whether RFC 2402 and RFC 6275 define how the ICV covers a Routing header.
bool is_defined(View routing) {
  if (routing.size() < 8) return false;
  return (routing[2] == 0 || routing[2] == 2) && routing[3] <= (routing.size() - 8) / 16;
}

// Adds a header before the AH.
void add_header_before(View octets, const Header& header, std::size_t next_header_at,
                       AhCoverage& coverage) {
  switch (header.type) {
    case ip_proto::routing:
      if (is_defined(octets.subspan(header.offset, header.length))) {
        coverage.zeros.push_back({header.offset + 3U, 1});  // Segments Left
      } else {
        coverage.is_certain = false;
      }
      break;
    case ip_proto::fragment: coverage.is_certain = false; [[fallthrough]];
    case ip_proto::ah:
      coverage.removed.push_back({header.type, header.offset, header.length, next_header_at});
      break;
    default: break;
  }
}

}  // namespace

void AhCoverage::apply(Octets& datagram) const {
  constexpr std::uint8_t version_6 = 0x60;
  const bool v4 = datagram[0] >> 4 == 4;
  if (!v4) {  // without traffic class and flow label
    datagram[0] = version_6;
    std::fill_n(datagram.begin() + 1, 3, std::uint8_t{0});
  }
  const std::span octets(datagram);
  for (const auto& [first, second, size] : exchanges) {
    std::ranges::swap_ranges(octets.subspan(first, size), octets.subspan(second, size));
  }
  for (const auto& range : zeros) {
    std::ranges::fill(octets.subspan(range.at, range.octets), std::uint8_t{0});
  }
  for (const auto& header : removed) {
    datagram[header.next_header_at] = datagram[header.at];
    const auto begin = datagram.begin() + static_cast<std::ptrdiff_t>(header.at);
    datagram.erase(begin, begin + static_cast<std::ptrdiff_t>(header.octets));
    const auto length = std::span(datagram).subspan(v4 ? 2 : 4, 2);
    write_number(length, big_endian(length) - header.octets);
  }
}

AhCoverage ah_coverage(View datagram, std::size_t ah_offset) {
  AhCoverage coverage;
  coverage.zeros.push_back({ah_offset + ah_fixed_octets, icv_octets});
  const bool v4 = datagram[0] >> 4 == 4;
  if (v4) {
    add_v4_zeros(datagram, coverage.zeros);
  } else {
    coverage.zeros.push_back({7, 1});  // hop limit
  }
  coverage.is_certain = big_endian(datagram.subspan(v4 ? 2 : 4, 2)) != 0;
  const auto parsed = parse_partial_datagram(datagram);
  if (!parsed) return coverage;
  coverage.exchanges = address_exchanges(*parsed, ah_offset);
  std::size_t next_header_at = v4 ? 9 : 6;
  for (const auto& header : parsed->chain) {
    const bool is_atomic = header.type != ip_proto::fragment || !parsed->is_fragment;
    if (header.offset < ah_offset && is_atomic) {
      add_header_before(datagram, header, next_header_at, coverage);
    }
    if (!v4 && (header.type == ip_proto::hop_by_hop || header.type == ip_proto::dstopts)) {
      add_changing_options(datagram, header, coverage.zeros);
    }
    next_header_at = header.offset;
  }
  std::ranges::reverse(coverage.removed);
  return coverage;
}

Octets ah_icv(View datagram, std::size_t ah_offset, const Sa& sa) {
  KeyedSa keyed(sa);
  const auto icv = keyed.ah_icv(datagram, ah_coverage(datagram, ah_offset));
  return {icv.begin(), icv.end()};
}

AhState verify_ah(View datagram, std::size_t ah_offset, const Sa& sa) {
  if (datagram.size() < ah_offset + ah_octets || datagram[ah_offset + 1] != ah_octets / 4 - 2) {
    return AhState::malformed;
  }
  const auto found = datagram.subspan(ah_offset + ah_fixed_octets, icv_octets);
  if (sa.auth == AuthAlgorithm::none || is_redacted_icv(found)) return AhState::unverifiable;
  KeyedSa keyed(sa);
  const auto fits = [&](const AhCoverage& coverage) {
    return std::ranges::equal(keyed.ah_icv(datagram, coverage), found);
  };
  const auto coverage = ah_coverage(datagram, ah_offset);
  if (fits(coverage)) return AhState::good;
  // Linux leaves the Fragment header in the datagram, and covers options after the AH as they are.
  const auto is_fragment_header = [&](const AhCoverage::RemovedHeader& header) {
    return header.type == ip_proto::fragment;
  };
  const auto is_after_ah = [&](const Range& range) { return range.at >= ah_offset + ah_octets; };
  for (const bool with_fragment : {false, true}) {
    for (const bool with_options : {false, true}) {
      auto other = coverage;
      const bool differs =
          (!with_fragment || std::erase_if(other.removed, is_fragment_header) > 0) &&
          (!with_options || std::erase_if(other.zeros, is_after_ah) > 0) &&
          (with_fragment || with_options);
      if (differs && fits(other)) return AhState::good;
    }
  }
  return coverage.is_certain ? AhState::bad_icv : AhState::unverifiable;
}

Decapsulated decapsulate_ah(const Datagram& datagram, const Header& header, const Sa& sa) {
  Decapsulated result;
  const auto octets = datagram.octets_of(header);
  const auto head = ipsec_head(datagram, header);
  if (!head || octets.size() != ah_octets) {
    result.error = IpsecError::malformed;
    return result;
  }
  result.sequence = head->sequence;
  if (verify_ah(datagram.octets, header.offset, sa) != AhState::good) {
    result.error = IpsecError::icv;
    return result;
  }
  result.next = octets[0];
  result.datagram = decapsulated_datagram(datagram, header, result.next,
                                          datagram.octets.subspan(header.offset + header.length));
  return result;
}

}  // namespace secct::ipsec
