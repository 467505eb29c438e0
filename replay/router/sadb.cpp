// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/sadb.hpp"

#include <algorithm>

#include "generator/crypto.hpp"

namespace secct {
namespace {

constexpr int max_nesting = 8;  // AH and ESP headers in one packet

// A router that does not look at the ICV of AH sees one that fits.
void put_right_icv(const Datagram& datagram, const Header& header, const LiveSa& live,
                   Received& received) {
  if (header.type != ip_proto::ah || header.length != ah_fixed_octets + icv_octets) return;
  const auto icv = ah_icv(datagram.octets, header.offset, live.sa);
  std::ranges::copy(icv, received.datagram.begin() + header.offset + ah_fixed_octets);
}

}  // namespace

Sadb::Sadb(const Lab& lab, const Deviation& deviation)
    : deviation_(deviation), spi_in_use_(lab.spi_in_use) {
  for (const auto& entry : lab.router_sas) {
    LiveSa live;
    live.sa = entry.sa;
    // Numbers that the other router may already have used in an earlier run are not remembered.
    (entry.from_dut ? to_peer_ : from_peer_).push_back(std::move(live));
  }
}

LiveSa* Sadb::find(IpsecProtocol protocol, std::uint32_t spi, const Address& destination) {
  for (auto& live : from_peer_) {
    if (live.sa.protocol == protocol && live.sa.spi == spi && live.sa.destination == destination) {
      return &live;
    }
  }
  const auto [first, last] = by_spi_.equal_range({protocol, spi});
  for (auto entry = first; entry != last; ++entry) {
    for (auto& live : installed_[entry->second]) {
      if (live.sa.protocol == protocol && live.sa.spi == spi &&
          live.sa.destination == destination) {
        return &live;
      }
    }
  }
  return nullptr;
}

Received Sadb::open(View octets) {
  Received received;
  received.datagram.assign(octets.begin(), octets.end());
  for (int i = 0; i < max_nesting; ++i) {
    const auto datagram = parse_datagram(received.datagram);
    if (!datagram) {
      received.acceptable = false;
      return received;
    }
    const auto* header = datagram->find(ip_proto::ah);
    if (header == nullptr) header = datagram->find(ip_proto::esp);
    if (header == nullptr) return received;
    const auto head = ipsec_head(*datagram, *header);
    auto* live = head ? find(head->protocol, head->spi, datagram->destination) : nullptr;
    const bool replay = live != nullptr && !live->window.is_new(head->sequence) &&
                        !(deviation_.has(Fault::ah_replayed) && live->mobile_node == 0);
    if (live == nullptr || replay) {
      received.acceptable = false;
      return received;
    }
    if (deviation_.has(Fault::icv_not_checked)) put_right_icv(*datagram, *header, *live, received);
    auto opened = header->type == ip_proto::ah ? open_ah(*datagram, *header, live->sa)
                                               : open_esp(*datagram, *header, live->sa);
    if (opened.refusal != Refusal::none) {
      received.acceptable = false;
      return received;
    }
    live->window.accept(opened.sequence);
    received.under.push_back(live);
    received.datagram = std::move(opened.datagram);
  }
  received.acceptable = false;
  return received;
}

LiveSa* Sadb::towards_peer(IpsecProtocol protocol) {
  const auto found = std::ranges::find_if(
      to_peer_, [&](const auto& live) { return live.sa.protocol == protocol; });
  return found == to_peer_.end() ? nullptr : &*found;
}

bool Sadb::spi_in_use(const Address& address, IpsecProtocol protocol, std::uint32_t spi,
                      std::uint32_t mobile_node) const {
  if (std::ranges::find(spi_in_use_, spi) != spi_in_use_.end()) return true;
  for (const auto& live : from_peer_) {
    if (live.sa.protocol == protocol && live.sa.spi == spi && live.sa.destination == address) {
      return true;
    }
  }
  const auto [first, last] = by_spi_.equal_range({protocol, spi});
  return std::any_of(first, last, [&](const auto& e) { return e.second != mobile_node; });
}

void Sadb::remove_mobile_node(std::uint32_t mobile_node) {
  const auto found = installed_.find(mobile_node);
  if (found == installed_.end()) return;
  for (const auto& live : found->second) {
    const auto [first, last] = by_spi_.equal_range({live.sa.protocol, live.sa.spi});
    const auto entry =
        std::find_if(first, last, [&](const auto& e) { return e.second == mobile_node; });
    if (entry != last) by_spi_.erase(entry);
  }
  installed_.erase(found);
}

LiveSa& Sadb::install(LiveSa sa) {
  by_spi_.emplace(std::pair{sa.sa.protocol, sa.sa.spi}, sa.mobile_node);
  auto& list = installed_[sa.mobile_node];
  list.push_back(std::move(sa));
  return list.back();
}

std::vector<LiveSa>* Sadb::of_mobile_node(std::uint32_t mobile_node) {
  const auto found = installed_.find(mobile_node);
  return found == installed_.end() ? nullptr : &found->second;
}

}  // namespace secct
