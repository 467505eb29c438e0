// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/core/sadb.hpp"

#include <algorithm>

#include "ipsec/ah.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/esp.hpp"
#include "replay/router/overrides/apply_override.hpp"

namespace secct::replay {
namespace {

// Replaces the ICV of a packet by the correct one, for the faults that do not check it.
void correct_icv(const Datagram& datagram, const Header& header, const LiveSa& live,
                 Octets& octets) {
  const bool ah = header.type == ip_proto::ah;
  if (ah ? header.length != ah_fixed_octets + icv_octets : header.length < icv_octets) return;
  const auto at = header.length - icv_octets;
  const auto icv =
      ah ? ah_icv(datagram.octets, header.offset, live.sa)
         : icv_of(live.sa.auth, live.sa.auth_key, datagram.octets_of(header).first(at));
  std::ranges::copy(icv, octets.begin() + static_cast<std::ptrdiff_t>(header.offset + at));
}

}  // namespace

std::optional<std::uint32_t> LiveSa::next_sequence() {
  if (sequence == UINT32_MAX) return std::nullopt;
  return ++sequence;
}

bool LiveSa::use(std::size_t octets, Time now) {
  if (now >= expires || octets_left < octets) return false;
  if (octets_left != UINT64_MAX) octets_left -= octets;
  return true;
}

Sadb::Sadb(const RouterDescription& description, const BehaviourOverride& behaviour)
    : behaviour_(behaviour), v4_(description.ipv4_address), spi_in_use_(description.spi_in_use) {
  for (const auto& entry : description.router_sas) {
    auto live = std::make_shared<LiveSa>();
    live->sa = entry.sa;
    if (entry.from_dut) to_peer_.push_back(live);
    if (entry.from_dut && !behaviour_.has(Fault::other_direction_taken)) continue;
    for (const auto& address : {description.address, v4_}) {
      inbound_.emplace(Key{live->sa.protocol, live->sa.spi, address}, live);
    }
  }
}

LivePtr Sadb::find(const Key& key) const {
  const auto found = inbound_.find(key);
  return found == inbound_.end() ? nullptr : found->second;
}

LivePtr Sadb::mistaken_peer_sa(IpsecProtocol protocol, std::uint32_t spi) const {
  auto compared = compared_bits(behaviour_, Fault::spi_high_compared, Fault::spi_low_compared);
  if (behaviour_.has(Fault::spi_not_compared)) compared = 0;
  if (compared == UINT32_MAX) return nullptr;
  const auto found = std::ranges::find_if(inbound_, [&](const auto& entry) {
    const auto& live = *entry.second;
    return live.sa.protocol == protocol && !live.owner && ((live.sa.spi ^ spi) & compared) == 0;
  });
  return found == inbound_.end() ? nullptr : found->second;
}

OpenedPacket Sadb::open(View octets, Time now) {
  OpenedPacket received;
  received.datagram.assign(octets.begin(), octets.end());
  for (std::size_t i = 0; i < max_nesting; ++i) {
    received.acceptable = false;
    const auto datagram = parse_datagram(received.datagram);
    if (!datagram) return received;
    const auto* header = datagram->find(ip_proto::ah);
    if (header == nullptr) header = datagram->find(ip_proto::esp);
    if (header == nullptr) {
      received.acceptable = true;
      return received;
    }
    const auto head = ipsec_head(*datagram, *header);
    if (!head) return received;
    auto live = find({head->protocol, head->spi, datagram->destination});
    if (live == nullptr) live = mistaken_peer_sa(head->protocol, head->spi);
    if (live == nullptr) return received;
    const auto replay_fault = live->owner ? Fault::traffic_replayed : Fault::ah_replayed;
    if (!live->window.is_new(head->sequence) && !behaviour_.has(replay_fault)) return received;
    const bool ah = header->type == ip_proto::ah;
    if (behaviour_.has(ah ? Fault::icv_not_checked : Fault::esp_icv_not_checked)) {
      correct_icv(*datagram, *header, *live, received.datagram);
    }
    auto opened = ah ? decapsulate_ah(*datagram, *header, live->sa)
                     : decapsulate_esp(*datagram, *header, live->sa);
    if (opened.error != IpsecError::none || opened.tunnel() != live->sa.tunnel) return received;
    if (!live->use(datagram->octets.size(), now)) return received;
    live->window.accept(opened.sequence);
    received.under.push_back(live);
    received.datagram = std::move(opened.datagram);
  }
  received.acceptable = false;
  return received;
}

LiveSa* Sadb::sa_to_peer(IpsecProtocol protocol) {
  const auto found = std::ranges::find_if(to_peer_, [&](const auto& live) {
    return live->sa.protocol == protocol &&
           (protocol == IpsecProtocol::ah || live->sa.auth != AuthAlgorithm::none);
  });
  return found == to_peer_.end() ? nullptr : found->get();
}

bool Sadb::spi_in_use(const Address& address, IpsecProtocol protocol, std::uint32_t spi) const {
  if (behaviour_.has(Fault::conflict_of_protocols)) {
    const auto other = protocol == IpsecProtocol::ah ? IpsecProtocol::esp : IpsecProtocol::ah;
    if (inbound_.contains({other, spi, address})) return true;
  }
  const auto compared = compared_bits(behaviour_, Fault::none, Fault::conflict_low_compared);
  const auto is_same = [&](auto used) { return ((used ^ spi) & compared) == 0; };
  return std::ranges::any_of(spi_in_use_, is_same) || inbound_.contains({protocol, spi, address});
}

const LivePtr& Sadb::install(LiveSa sa, bool inbound) {
  const auto owner = *sa.owner;
  auto& list = owners_[owner];
  if (list.empty() && owner.role != Role::pr) ++new_router_owners_;
  list.push_back(std::make_shared<LiveSa>(std::move(sa)));
  const auto& live = list.back();
  // If two SAs have the same key, the first one stays.
  if (inbound) inbound_.try_emplace({live->sa.protocol, live->sa.spi, live->sa.destination}, live);
  return live;
}

void Sadb::remove(const Owner& owner) {
  const auto found = owners_.find(owner);
  if (found == owners_.end()) return;
  for (const auto& live : found->second) {
    const auto entry = inbound_.find({live->sa.protocol, live->sa.spi, live->sa.destination});
    if (entry != inbound_.end() && entry->second == live) inbound_.erase(entry);
  }
  if (owner.role != Role::pr) --new_router_owners_;
  owners_.erase(found);
}

void Sadb::remove_all() {
  while (!owners_.empty()) remove(Owner(owners_.begin()->first));
}

std::span<const LivePtr> Sadb::of(const Owner& owner) const {
  const auto found = owners_.find(owner);
  if (found == owners_.end()) return {};
  return found->second;
}

std::size_t Sadb::owners(Role role) const {
  return role == Role::pr ? owners_.size() - new_router_owners_ : new_router_owners_;
}

}  // namespace secct::replay
