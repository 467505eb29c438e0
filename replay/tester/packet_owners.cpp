// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/packet_owners.hpp"

#include <algorithm>
#include <array>

namespace secct::replay {
namespace {

constexpr std::array address_fields{Field::paddr, Field::naddr, Field::opt_address};

std::array<Address, 4> addresses_of(const Handover& handover) {
  const auto& mn = handover.mobile_node();
  return {mn.naddr, mn.paddr, handover.link_local(), RouterDescription::v4_of(mn.number)};
}

}  // namespace

void PacketOwners::add(const Handover& handover, Job& job) {
  for (const auto& address : addresses_of(handover)) by_address_[address] = &job;
  by_identifier_[handover.identifier()] = &job;
}

void PacketOwners::remove(const Handover& handover) {
  for (const auto& address : addresses_of(handover)) by_address_[address] = nullptr;
  by_identifier_.erase(handover.identifier());
}

void PacketOwners::clear() {
  by_address_.clear();
  by_identifier_.clear();
}

std::optional<Job*> PacketOwners::find(const Address& address) const {
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return std::nullopt;
  return found->second;
}

// Called for packets to addresses that no run has used.
bool PacketOwners::is_of_another(const ReceivedPacket& packet) const {
  if (others_ == nullptr) return false;
  const auto is_other = [&](const Address& address) {
    return others_->number_of(address) || others_->number_of_naddr(address);
  };
  return is_other(packet.datagram->destination) ||
         std::ranges::any_of(packet.decoded.fields, [&](const auto& field) {
           return std::ranges::find(address_fields, field.field) != address_fields.end() &&
                  is_other(packet.decoded.address(field));
         });
}

Job* PacketOwners::find(const ReceivedPacket& packet, std::deque<Job>& jobs) const {
  if (!packet.datagram) return nullptr;
  if (const auto job = find(packet.datagram->destination)) return *job;
  for (const auto wanted : address_fields) {
    for (const auto& field : packet.decoded.fields) {
      if (field.field != wanted) continue;
      if (const auto job = find(packet.decoded.address(field))) return *job;
    }
  }
  const auto identifier = packet.decoded.number(Field::identifier);
  const auto message = packet.decoded.message;
  const bool is_request = message == Message::shreq || message == Message::hi;
  if (identifier && !is_request) {
    const auto found = by_identifier_.find(static_cast<std::uint16_t>(*identifier));
    if (found != by_identifier_.end() && found->second->running()) return found->second;
  }
  // Not the only job that waits for it, if an earlier run has used the mobile node of the message.
  if (is_of_another(packet)) return nullptr;
  const auto name = packet.name();
  Job* only = nullptr;
  for (auto& job : jobs) {
    if (!job.running() || !job.run->waits_for(name)) continue;
    if (only != nullptr) return nullptr;
    only = &job;
  }
  return only;
}

}  // namespace secct::replay
