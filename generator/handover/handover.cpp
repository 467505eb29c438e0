// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/handover/handover.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "ipsec/crypto.hpp"

namespace secct::generator {

std::uint32_t Counters::next(IpsecProtocol protocol, std::uint32_t spi, std::uint64_t first) {
  auto& number = next_.try_emplace({protocol, spi}, first).first->second;
  if (number > UINT32_MAX) {
    throw SequenceExhausted(
        fmt::format("needs a lower 'sequence' in the router description: the SA with the SPI "
                    "0x{:08x} has no sequence number after {}, the highest one (RFC 2402 3.3.2)",
                    spi, UINT32_MAX));
  }
  return static_cast<std::uint32_t>(number++);
}

const Context* shak_context(const std::vector<Context>& contexts, const Address& naddr) {
  const bool v4 = is_v4_mapped(naddr);
  const auto usable = [&](const Context& context) {
    return to_sa(context).has_value() && is_v4_mapped(context.source) == v4 &&
           is_v4_mapped(context.destination) == v4;
  };
  const Context* other = nullptr;
  for (const auto& context : contexts) {
    if (!usable(context)) continue;
    if (context.destination == naddr) return &context;
    if (other == nullptr) other = &context;
  }
  return other;
}

std::optional<std::size_t> pshin_sa(const std::vector<MobileNodeSa>& sas) {
  const auto found = std::ranges::find_if(sas, [](const MobileNodeSa& entry) {
    const auto sa = to_sa(entry.context);
    return entry.type == 5 && entry.direction == Direction::from_mn && sa &&
           sa->protocol == IpsecProtocol::ah && !is_v4_mapped(sa->source) &&
           !is_v4_mapped(sa->destination);
  });
  if (found == sas.end()) return std::nullopt;
  return static_cast<std::size_t>(found - sas.begin());
}

Handover::Handover(const RouterDescription& description, Role role, MobileNode mobile_node,
                   std::uint16_t identifier, Counters& routers, Counters& own)
    : description_(description),
      role_(role),
      mn_(std::move(mobile_node)),
      identifier_(identifier),
      request_identifier_(identifier),
      reply_identifier_(identifier),
      reply_naddr_(mn_.naddr),
      reply_paddr_(mn_.paddr),
      routers_(&routers),
      own_(&own) {
  numbered_.resize(mn_.sas.size());
  std::iota(numbered_.begin(), numbered_.end(), std::size_t{0});
  const bool dut_is_pr = role == Role::pr;
  nr_ = dut_is_pr ? description.peer : description.address;
  pr_ = dut_is_pr ? description.address : description.peer;
  nr_for_mn_ = dut_is_pr ? description.mn_peer : description.mn_address;
  pr_for_mn_ = dut_is_pr ? description.mn_address : description.mn_peer;
}

Keyring Handover::keyring() const {
  auto keys = description_.keyring();
  for (std::size_t i = 0; i < mn_.sas.size(); ++i) {
    if (const auto before = to_sa(mn_.sas[i].context)) keys.sas.push_back(*before);
    if (const auto after = to_sa(after_handover(i))) keys.sas.push_back(*after);
  }
  return keys;
}

void Handover::use_ipv4() {
  ipv4_ = true;
  mn_.paddr = mn_.home;
  mn_.naddr = description_.ipv4_address;
  reply_paddr_ = mn_.paddr;
  reply_naddr_ = mn_.naddr;
  const bool dut_is_pr = role_ == Role::pr;
  nr_ = nr_for_mn_ = dut_is_pr ? description_.ipv4_peer : description_.ipv4_address;
  pr_ = pr_for_mn_ = dut_is_pr ? description_.ipv4_address : description_.ipv4_peer;
}

Context Handover::after_handover(std::size_t sa) const {
  const auto& before = mn_.sas[sa];
  if (before.type < 3) return before.context;
  auto context = at_new_router(before.context);
  if (recomputed_ && recomputed_->first == sa) context.spi = recomputed_->second;
  return context;
}

std::uint32_t Handover::recomputed_spi(std::size_t sa) const {
  const auto& context = mn_.sas.at(sa).context;
  const auto usable = to_sa(context);
  return compute_spi(context.key.empty() && usable ? usable->auth_key : context.key, nr_for_mn_,
                     mn_.naddr);
}

Context Handover::at_new_router(Context context) const {
  const bool dut_is_pr = role_ == Role::pr;
  const auto& nr_v6 = dut_is_pr ? description_.mn_peer : description_.mn_address;
  Relocation relocation;
  relocation.paddr = mn_.paddr;
  relocation.naddr = mn_.naddr;
  relocation.nr = nr_for_mn_;
  relocation.other_nr = is_v4_mapped(nr_for_mn_) ? nr_v6 : nr_v4();
  if (dut_is_pr) {
    relocation.previous_routers = {description_.address, description_.mn_address, pr_v4()};
  } else {
    relocation.previous_routers = {description_.peer, description_.mn_peer, pr_v4()};
  }
  return relocated(std::move(context), relocation);
}

const Address& Handover::nr_v4() const {
  return role_ == Role::pr ? description_.ipv4_peer : description_.ipv4_address;
}

const Address& Handover::pr_v4() const {
  return role_ == Role::pr ? description_.ipv4_address : description_.ipv4_peer;
}

void Handover::answer(const DecodedMessage& decoded) {
  if (const auto identifier = decoded.number(Field::identifier)) {
    reply_identifier_ = static_cast<std::uint16_t>(*identifier);
  }
  if (const auto* naddr = decoded.find(Field::naddr)) reply_naddr_ = decoded.address(*naddr);
  if (const auto* paddr = decoded.find(Field::paddr)) reply_paddr_ = decoded.address(*paddr);
}

void Handover::put_under(IpsecProtocol protocol, PacketDocument& packet) {
  const auto* sa = description_.find_router_sa(protocol, false);
  if (sa == nullptr) {
    throw UsageError(fmt::format("under: router_sas of the description has no {} SA from the peer",
                                 protocol == IpsecProtocol::ah ? "AH" : "ESP"));
  }
  std::erase_if(packet.layers, [](const auto& layer) {
    return layer.kind == LayerKind::ah || layer.kind == LayerKind::esp;
  });
  const auto sequence = routers_->next(protocol, sa->sa.spi, sa->sequence.value_or(1));
  packet.layers.insert(packet.layers.end() - 1, protocol == IpsecProtocol::ah
                                                    ? ah_layer(sa->sa.spi, sequence)
                                                    : esp_layer(sa->sa.spi, sequence));
}

void Handover::number_esp(PacketDocument& packet) {
  for (auto& layer : packet.layers) {
    if (layer.kind != LayerKind::esp) continue;
    const auto spi = static_cast<std::uint32_t>(layer.number(HeaderField::esp_spi).value_or(0));
    const auto router_sa = std::ranges::find_if(description_.router_sas, [&](const auto& sa) {
      return sa.sa.protocol == IpsecProtocol::esp && sa.sa.spi == spi;
    });
    const bool of_routers = router_sa != description_.router_sas.end();
    auto& counters = of_routers ? *routers_ : *own_;
    const auto first = of_routers ? router_sa->sequence.value_or(1) : 1;
    const auto number = counters.next(IpsecProtocol::esp, spi, first);
    layer.set(HeaderField::esp_sequence, std::uint64_t{number});
  }
}

Address Handover::link_local() const {
  Address address = mn_.naddr;
  std::fill(address.begin(), address.begin() + 8, std::uint8_t{0});
  address[0] = 0xfe;
  address[1] = 0x80;
  return address;
}

}  // namespace secct::generator
