// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/case_state.hpp"

#include <algorithm>

#include "ipsec/decapsulated.hpp"
#include "network/datagram.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "replay/inspect/inspected_frame.hpp"

namespace secct::replay {
namespace {

using F = Field;

}  // namespace

void CaseState::record_sent(std::string_view message, View datagram, const CodePoints& codepoints,
                            MobileNodeState& mobile_node) {
  const auto outer = parse_datagram(datagram);
  if (!outer) return;
  for (const auto protocol : {ip_proto::ah, ip_proto::esp}) {
    const auto* header = outer->find(protocol);
    if (header == nullptr) continue;
    if (const auto head = ipsec_head(*outer, *header)) last_sequence = head->sequence;
    break;
  }
  const auto octets = decapsulated(datagram, mobile_node.keys());
  InspectedFrame frame(no_keys);
  frame.inspect(octets);
  if (message == "mip4-request") request = {Carrier::mip4_request, {}};
  DecodedMessage decoded;
  for (const auto& found : frame.messages()) {
    if (found.in.depth > 0 || found.excess > 0) break;
    const bool is_registration = found.carrier == Carrier::mip4_request;
    if (is_registration && !is_secct(codepoints, found)) continue;
    if (is_registration || (message == "shin" && found.carrier == Carrier::dstopt)) {
      request = {found.carrier, {found.octets.begin(), found.octets.end()}};
    }
    if (!is_registration) decode(codepoints, found.carrier, found.octets, {}, decoded);
    break;
  }
  if (decoded.find(F::identifier) != nullptr) {
    messages.emplace_back(decoded.octets.begin(), decoded.octets.end());
  }
  if (const auto number = decoded.number(F::identifier)) identifier = *number;
  if (const auto token = decoded.number(F::auth_token)) {
    tokens.push_back(static_cast<std::uint32_t>(*token));
  }
  if (decoded.message == Message::pshin) ho_features = announced_features(codepoints, decoded);
  mobile_node.record_sent(*outer, decoded);
}

std::optional<std::uint16_t> CaseState::repeated_identifier(View datagram,
                                                            const Keyring& keys) const {
  constexpr std::size_t checksum_at = 2;  // in the ICMPv6 message, before the Identifier
  constexpr std::size_t identifier_at = 4;
  constexpr std::size_t rest_at = 6;
  const auto octets = decapsulated(datagram, keys);
  const auto parsed = parse_datagram(octets);
  const auto* icmpv6 = parsed ? parsed->find(ip_proto::icmpv6) : nullptr;
  if (icmpv6 == nullptr || icmpv6->length < rest_at) return std::nullopt;
  const auto message = parsed->octets_of(*icmpv6);
  const auto same = std::find_if(messages.rbegin(), messages.rend(), [&](const Octets& sent) {
    return sent.size() >= rest_at &&
           std::ranges::equal(View(sent).first(checksum_at), message.first(checksum_at)) &&
           std::ranges::equal(View(sent).subspan(rest_at), message.subspan(rest_at));
  });
  if (same == messages.rend()) return std::nullopt;
  return static_cast<std::uint16_t>(big_endian(View(*same).subspan(identifier_at, 2)));
}

}  // namespace secct::replay
