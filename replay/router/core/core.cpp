// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/core/core.hpp"

#include <algorithm>

#include "generator/packet/build.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/tables/status.hpp"
#include "replay/router/overrides/apply_override.hpp"

namespace secct::replay {
namespace {

constexpr std::uint8_t icmp_v4 = 1;  // IP protocol

Layer ip_layer(const Address& source, const Address& destination) {
  return ip_packet(source, destination, {}).layers.back();
}

// Writes the protocol of the payload into the last layer.
void set_next_protocol(PacketDocument& packet, std::uint8_t protocol) {
  auto& last = packet.layers.back();
  const auto field = last.kind == LayerKind::ah    ? HeaderField::ah_next_header
                     : last.kind == LayerKind::esp ? HeaderField::esp_protocol
                                                   : HeaderField::ip_proto;
  last.set(field, std::uint64_t{protocol});
}

// For Variation::numbers_per_cpu: the number that this packet of the SA has if two processors send
// in turn, each with other blocks of numbers.
std::uint32_t number_of_cpu(const LiveSa& live, std::uint32_t sequence) {
  constexpr std::uint32_t cpus = 2;
  constexpr std::uint32_t block = 16;  // numbers, so that all packets are in a window of 64
  const auto first = live.owner ? live.context.sequence + 1 : 1;
  const auto place = sequence - first;
  const auto in_blocks = place % (cpus * block);
  return sequence - in_blocks + in_blocks % cpus * block + in_blocks / cpus;
}

}  // namespace

bool IncomingMessage::from_peer(RequiredProtection needs) const {
  return std::ranges::any_of(under, [&](const auto& live) {
    if (live->owner) return false;
    if (live->sa.protocol == IpsecProtocol::ah) return needs != RequiredProtection::esp;
    return needs != RequiredProtection::ah && live->sa.auth != AuthAlgorithm::none;
  });
}

std::optional<Address> IncomingMessage::address(Field field) const {
  const auto* found = decoded.find(field);
  if (found == nullptr) return std::nullopt;
  return decoded.address(*found);
}

std::uint16_t IncomingMessage::identifier() const {
  return static_cast<std::uint16_t>(decoded.number(Field::identifier).value_or(0));
}

RouterCore::RouterCore(const RouterDescription& router_description, BehaviourOverride what)
    : description(router_description),
      behaviour(what),
      timers(Timers::scaled(description.timing_scale)),
      sadb(description, behaviour) {
  override_timers(behaviour, timers);
}

bool RouterCore::from_peer(const IncomingMessage& in, RequiredProtection needs) const {
  const auto& source = in.datagram.source;
  const bool same_source =
      is_peer(source) || faulty(Fault::source_not_compared) ||
      are_equal(behaviour, Fault::source_prefix_compared, Fault::none, source, description.peer);
  return in.from_peer(needs) && same_source;
}

bool RouterCore::is_peer(const Address& address) const {
  return address == description.peer || (is_v4_mapped(address) && address == description.ipv4_peer);
}

bool RouterCore::is_mine(const Address& address) const {
  return address == description.address || address == description.mn_address ||
         (is_v4_mapped(address) && address == description.ipv4_address);
}

const Address& RouterCore::own_address_for(const Address& peer) const {
  if (peer == description.peer) return description.address;
  return is_v4_mapped(peer) ? description.ipv4_address : description.address;
}

Node RouterCore::stat(std::uint8_t code) const {
  return stat_node(description.codepoints, code, varies(Variation::reason_text) ? "because" : "");
}

void RouterCore::send(const Address& source, const Address& destination,
                      std::span<LiveSa* const> under, std::vector<Layer> layers) {
  PacketDocument packet;
  Keyring keys;
  packet.layers.push_back(ip_layer(source, destination));
  for (auto* live : under) {
    if (varies(Variation::sequence_gaps)) live->sequence += 4;
    auto sequence = live->next_sequence();
    if (!sequence) return;
    if (varies(Variation::numbers_per_cpu)) sequence = number_of_cpu(*live, *sequence);
    packet.layers.push_back(live->sa.protocol == IpsecProtocol::ah
                                ? ah_layer(live->sa.spi, *sequence)
                                : esp_layer(live->sa.spi, *sequence));
    if (faulty(Fault::iv_constant) && live->sa.protocol == IpsecProtocol::esp) {
      packet.layers.back().set(HeaderField::esp_iv, Octets(iv_octets(live->sa.cipher), 0x42));
    }
    if (faulty(Fault::iv_of_context) && !live->context.iv.empty()) {
      packet.layers.back().set(HeaderField::esp_iv, live->context.iv);
    }
    if (live->sa.tunnel) packet.layers.push_back(ip_layer(source, destination));
    keys.sas.push_back(live->sa);
  }
  // There is no layer kind for ICMP over IPv4: it is sent as plain octets.
  if (!layers.empty() && layers.front().kind == LayerKind::data) {
    set_next_protocol(packet, icmp_v4);
  }
  for (auto& layer : layers) packet.layers.push_back(std::move(layer));
  override_packet(behaviour, packet);
  auto built = build(description.codepoints, keys, packet);
  statistics.add(Count::sent);
  out.push_back(std::move(built.octets));
}

void RouterCore::send_to_peer(const Address& peer, bool confidential, Node message) {
  override_message(behaviour, description.codepoints, message);
  const bool esp =
      confidential && description.policies.confidential && !sent_under_ah(behaviour, message);
  auto* live = sadb.sa_to_peer(esp ? IpsecProtocol::esp : IpsecProtocol::ah);
  if (live == nullptr) return;
  std::vector<LiveSa*> under{live};
  if (sent_in_clear(behaviour, message)) under.clear();
  send(own_address_for(peer), peer, under, {icmpv6_layer(std::move(message))});
}

void RouterCore::send_to_mobile_node(const Address& source, const Address& naddr, LiveSa* live,
                                     Node message) {
  override_message(behaviour, description.codepoints, message);
  std::vector<LiveSa*> under;
  if (live != nullptr && !sent_in_clear(behaviour, message)) under.push_back(live);
  const int times = varies(Variation::shak_twice) ? 2 : 1;
  for (int i = 0; i < times; ++i) send(source, naddr, under, {dstopts_layer(message)});
}

void RouterCore::record(const IncomingMessage& in, Outcome outcome, std::string_view why,
                        std::string_view clause, std::uint8_t status) {
  constexpr Count counts[] = {Count::accepted, Count::repeated, Count::refused, Count::discarded};
  statistics.add(counts[static_cast<std::size_t>(outcome)]);
  if (!listener) return;
  listener({in.now, outcome, in.decoded.message, in.datagram.source, in.address(Field::paddr),
            status, clause, why});
}

void RouterCore::record_refusal(const IncomingMessage& in, std::uint8_t status) {
  const auto* value = find_value(Values::status, status);
  record(in, Outcome::refused, value != nullptr ? value->text : "refused", clause_of_status(status),
         status);
}

std::optional<std::uint8_t> first_status(const DecodedMessage& decoded) {
  const auto number = decoded.number(Field::status);
  if (!number) return std::nullopt;
  return static_cast<std::uint8_t>(*number);
}

std::string_view clause_of_status(std::uint8_t status) {
  return status::is_error(status) ? status::find(status)->clause : std::string_view();
}

}  // namespace secct::replay
