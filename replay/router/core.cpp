// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/core.hpp"

#include <algorithm>

namespace secct {

bool Incoming::from_peer(bool esp_only) const {
  return std::ranges::any_of(under, [&](const auto* live) {
    if (live->mobile_node != 0) return false;
    if (live->sa.protocol == IpsecProtocol::ah) return !esp_only;
    return live->sa.auth != AuthAlgorithm::none;
  });
}

void Core::send(PacketDocument packet, const Sa* sa) {
  packet.layers.erase(packet.layers.begin());  // IP, not Ethernet
  Keyring keys;
  if (sa != nullptr) keys.sas.push_back(*sa);
  out.push_back(build(lab.codepoints, keys, packet).octets);
}

Node Core::stat(std::uint8_t code) const {
  return stat_node(lab.codepoints, code, varies(Variation::reason_text) ? "because" : "");
}

void Core::to_peer(bool confidential, Node message) {
  if (confidential && faulty(Fault::shrep_unprotected)) {
    return send(ip_packet(lab.address, lab.peer, {icmpv6_layer(std::move(message))}), nullptr);
  }
  const bool esp = confidential && lab.policies.confidential;
  auto* live = sadb.towards_peer(esp ? IpsecProtocol::esp : IpsecProtocol::ah);
  if (live == nullptr) return;
  auto layers = envelope_layers(live->sa, ++live->sequence, lab.address, lab.peer);
  layers.push_back(icmpv6_layer(std::move(message)));
  send(ip_packet(lab.address, lab.peer, std::move(layers)), &live->sa);
}

void Core::to_mobile_node(const Address& source, const Address& naddr, LiveSa* live, Node message) {
  if (faulty(Fault::shak_unprotected)) live = nullptr;
  std::vector<Layer> layers;
  if (live != nullptr) layers = envelope_layers(live->sa, ++live->sequence, source, naddr);
  layers.push_back(dstopts_layer(std::move(message)));
  send(ip_packet(source, naddr, std::move(layers)), live != nullptr ? &live->sa : nullptr);
}

std::optional<std::uint8_t> first_status(const Tape& tape) {
  const auto number = tape.number(Field::status);
  if (!number) return std::nullopt;
  return static_cast<std::uint8_t>(*number);
}

}  // namespace secct
