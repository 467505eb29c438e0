// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/core/header_checks.hpp"

#include "protocol/checksum.hpp"

namespace secct::replay {
namespace {

constexpr std::size_t udp_head = 8;

// The two highest bits of an option's type: the action of a node that does not support the option.
constexpr unsigned action_shift = 6;
constexpr unsigned action_skip = 0;
constexpr unsigned action_discard = 1;

bool is_known(const CodePoints& codepoints, std::uint8_t type) {
  constexpr std::uint8_t pad_n = 1;
  return type <= pad_n || type == codepoints[CodePoint::dstopt_shin] ||
         type == codepoints[CodePoint::dstopt_shak] || type == codepoints[CodePoint::dstopt_pshin];
}

}  // namespace

bool has_valid_ip_header(View datagram) {
  if (datagram.empty() || datagram[0] >> 4 != 4) return true;
  const std::size_t header = (datagram[0] & 15U) * 4U;
  return header <= datagram.size() && internet_checksum(sum_of(datagram.first(header))) == 0;
}

bool has_valid_udp_header(const Datagram& datagram, View udp) {
  if (udp.size() < udp_head || big_endian(udp.subspan(4, 2)) != udp.size()) return false;
  if (datagram.v4 && big_endian(udp.subspan(6, 2)) == 0) return true;
  return udp_checksum(datagram.source, datagram.destination, datagram.v4, udp) == 0;
}

std::size_t unknown_options(const CodePoints& codepoints, const Datagram& datagram) {
  std::size_t count = 0;
  for (const auto& header : datagram.chain) {
    if (header.type != ip_proto::dstopts) continue;
    const auto octets = datagram.octets_of(header);
    for (const auto& option : parse_header_options(octets)) {
      if (!is_known(codepoints, octets[option.offset])) ++count;
    }
  }
  return count;
}

std::optional<UnknownOption> forbidding_option(const CodePoints& codepoints,
                                               const Datagram& datagram) {
  for (const auto& header : datagram.chain) {
    if (header.type != ip_proto::dstopts) continue;
    const auto octets = datagram.octets_of(header);
    for (const auto& option : parse_header_options(octets)) {
      const auto type = octets[option.offset];
      const unsigned action = type >> action_shift;
      if (action == action_skip || is_known(codepoints, type)) continue;
      return UnknownOption{header.offset + option.offset, action != action_discard};
    }
  }
  return std::nullopt;
}

}  // namespace secct::replay
