// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/capture_keys.hpp"

#include "ipsec/context.hpp"

namespace secct::replay {
namespace {

// The SAs between the routers, which they use over IPv4 too.
std::vector<Sa> router_sas(const RouterDescription& description) {
  std::vector<Sa> all;
  for (const auto& [sa, from_dut, sequence] : description.router_sas) {
    all.push_back(sa);
    if (is_unspecified(description.ipv4_address)) continue;
    auto& over_v4 = all.emplace_back(sa);
    over_v4.source = from_dut ? description.ipv4_address : description.ipv4_peer;
    over_v4.destination = from_dut ? description.ipv4_peer : description.ipv4_address;
  }
  return all;
}

}  // namespace

CaptureKeys::CaptureKeys(const RouterDescription* description, std::size_t most)
    : description_(description), sas_(most) {
  if (description != nullptr) sas_.reset(router_sas(*description));
}

const Sa* CaptureKeys::find(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                            const Address& destination) {
  const auto* known = sas_.find(protocol, spi, source, destination);
  return known != nullptr ? &known->sa : find_configured(protocol, spi, source, destination);
}

// A mobile node's SA of the router description, at the previous router or at the new one.
const Sa* CaptureKeys::find_configured(IpsecProtocol protocol, std::uint32_t spi,
                                       const Address& source, const Address& destination) {
  if (description_ == nullptr) return nullptr;
  for (const auto& end : {source, destination}) {
    auto number = description_->number_of(end);
    if (!number) number = description_->number_of_naddr(end);
    if (!number) continue;
    for (const auto role : {Role::nr, Role::pr}) {
      const auto node = description_->mobile_node(*number, role);
      for (const auto& sa : node.sas) {
        if (sa.context.spi != spi) continue;
        const auto live = to_sa(sa.context);
        if (!live || live->protocol != protocol) continue;
        configured_ = *live;
        return &configured_;
      }
    }
  }
  return nullptr;
}

const ReplayWindow* CaptureKeys::window(const conversation::IpsecHeader& header) {
  const auto* known = sas_.find(header.protocol, header.spi, header.source, header.destination);
  return known != nullptr && known->is_relocated ? &known->window : nullptr;
}

}  // namespace secct::replay
