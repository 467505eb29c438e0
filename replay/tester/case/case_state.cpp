// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/case_state.hpp"

#include "ipsec/decapsulated.hpp"
#include "protocol/decode/decode.hpp"
#include "replay/inspect/inspected_frame.hpp"

namespace secct::replay {
namespace {

using F = Field;

}  // namespace

void CaseState::record_sent(std::string_view message, View datagram, const CodePoints& codepoints,
                            MobileNodeState& mobile_node) {
  const auto outer = parse_datagram(datagram);
  if (!outer) return;
  if (const auto* header = outer->find(ip_proto::ah)) {
    if (const auto head = ipsec_head(*outer, *header)) ah_sequence = head->sequence;
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
