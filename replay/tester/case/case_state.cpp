// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/case_state.hpp"

#include "ipsec/decapsulated.hpp"
#include "network/datagram.hpp"
#include "protocol/decode/decode.hpp"

namespace secct::replay {
namespace {

using F = Field;

// The SecCT extension of the Registration Request in a UDP datagram; empty if there is none.
View secct_extension(const CodePoints& codepoints, View udp) {
  constexpr std::size_t fixed = 8 + 24;  // UDP header, RFC 3344 section 3.3
  for (std::size_t at = fixed; at + 1 < udp.size();) {
    const std::size_t length = udp[at + 1] + 2U;
    if (length > udp.size() - at) break;
    if (udp[at] == codepoints[CodePoint::mip4ext_secct]) return udp.subspan(at, length);
    at += length;
  }
  return {};
}

}  // namespace

void CaseState::record_sent(std::string_view message, View datagram, const CodePoints& codepoints,
                            MobileNodeState& mobile_node) {
  const auto outer = parse_datagram(datagram);
  if (!outer) return;
  if (const auto* header = outer->find(ip_proto::ah)) {
    if (const auto head = ipsec_head(*outer, *header)) ah_sequence = head->sequence;
  }
  const auto octets = decapsulated(datagram, mobile_node.keys());
  const auto inner = parse_datagram(octets);
  if (!inner) return;
  DecodedMessage decoded;
  for (const auto& header : inner->chain) {
    const auto part = inner->octets_of(header);
    if (header.type == ip_proto::icmpv6) {
      decode(codepoints, Carrier::icmpv6, part, {}, decoded);
    } else if (header.type == ip_proto::dstopts) {
      const auto options = parse_header_options(part);
      if (options.empty()) continue;
      const auto option = part.subspan(options[0].offset, options[0].length);
      if (message == "shin") request = {Carrier::dstopt, {option.begin(), option.end()}};
      decode(codepoints, Carrier::dstopt, option, {}, decoded);
    } else if (header.type == ip_proto::udp && message == "mip4-request") {
      const auto extension = secct_extension(codepoints, part);
      request = {Carrier::mip4_request, {extension.begin(), extension.end()}};
    }
  }
  if (const auto number = decoded.number(F::identifier)) identifier = *number;
  if (const auto token = decoded.number(F::auth_token)) {
    tokens.push_back(static_cast<std::uint32_t>(*token));
  }
  if (decoded.message == Message::pshin) {
    ho_features.clear();
    for (const auto& field : decoded.fields) {
      const auto part = decoded.octets_of(field);
      if (field.field == F::sub_options && part.size() > 1) append(ho_features, part);
    }
  }
  mobile_node.record_sent(*outer, decoded);
}

}  // namespace secct::replay
