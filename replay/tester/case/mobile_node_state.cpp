// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/mobile_node_state.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ipsec/crypto.hpp"
#include "ipsec/decapsulated.hpp"
#include "network/datagram.hpp"

namespace secct::replay {
namespace {

using F = Field;

Layer layer(LayerKind kind) { return {.kind = kind, .fields = {}, .elements = {}}; }

// An AH and an ESP SA may have the same SPI.
bool same_sa(const Context& a, const Context& b) {
  const auto protocol = [](const Context& context) {
    const auto sa = to_sa(context);
    return sa ? std::optional(sa->protocol) : std::nullopt;
  };
  return a.spi == b.spi && protocol(a) == protocol(b);
}

}  // namespace

MobileNodeState::MobileNodeState(const Handover& handover)
    : handover_(handover), keys_(handover.keyring()) {
  const auto& sas = handover.mobile_node().sas;
  for (const auto& sa : sas) {
    (sa.type >= 3 ? transferable_ : not_transferable_).push_back(sa.context);
  }
  for (const auto i : handover.numbered_sas()) {
    if (sas[i].type >= 3) numbered_.push_back(sas[i].context);
  }
}

std::vector<Context> MobileNodeState::select(const ContextChoice& choice) const {
  if (choice.all) return transferable_;
  std::vector<Context> list;
  for (const auto number : choice.numbers) {
    if (number > numbered_.size()) {
      throw UsageError(fmt::format("contexts: there is no SA {}: the case has {} transferable SAs",
                                   number, numbered_.size()));
    }
    list.push_back(numbered_[number - 1]);
  }
  return list;
}

void MobileNodeState::record_sent(const Datagram& datagram, const DecodedMessage& decoded) {
  for (const auto& header : datagram.chain) {
    if (header.type != ip_proto::ah && header.type != ip_proto::esp) continue;
    if (const auto head = ipsec_head(datagram, header)) {
      const auto protocol = header.type == ip_proto::ah ? IpsecProtocol::ah : IpsecProtocol::esp;
      auto& highest =
          highest_sent_.try_emplace({protocol, head->spi}, head->sequence).first->second;
      highest = std::max(highest, head->sequence);
    }
  }
  if (decoded.message != Message::shrep && decoded.message != Message::hi) return;
  add_shak_contexts(decoded);
  for (auto& context : read_contexts(decoded)) {
    auto moved = handover_.at_new_router(std::move(context));
    const auto sa = to_sa(moved);
    const bool has_key = !sa || std::ranges::any_of(keys_.sas, [&](const auto& other) {
      return other.protocol == sa->protocol && other.spi == sa->spi &&
             other.destination == sa->destination;
    });
    if (!has_key) keys_.sas.push_back(*sa);
    if (std::ranges::none_of(transferred_,
                             [&](const auto& other) { return same_sa(other, moved); })) {
      transferred_.push_back(std::move(moved));
    }
  }
}

// The contexts of all HIs are installed when the SHIN arrives, those of each SHREP at once.
void MobileNodeState::add_shak_contexts(const DecodedMessage& decoded) {
  const bool is_shrep = decoded.message == Message::shrep;
  if (is_shrep && in_shrep_ && shak_context()) return;
  if (is_shrep && !in_shrep_) shak_contexts_.clear();
  in_shrep_ = is_shrep;
  for (auto& context : read_contexts(decoded)) {
    shak_contexts_.push_back(handover_.at_new_router(std::move(context)));
  }
}

std::optional<Context> MobileNodeState::shak_context() const {
  const auto* chosen = generator::shak_context(shak_contexts_, handover_.mobile_node().naddr);
  return chosen != nullptr ? std::optional(*chosen) : std::nullopt;
}

void MobileNodeState::apply_shak(const DecodedMessage& shak) {
  for (const auto& field : shak.fields) {
    if (field.field != F::sub_options) continue;
    const auto* changed = shak.find_in(field, F::ack_changed_spi);
    const auto* spi = shak.find_in(field, F::ack_spi);
    if (changed == nullptr || changed->number == 0 || spi == nullptr) continue;
    for (auto& context : transferred_) {
      if (context.spi != spi->number || context.destination != handover_.nr_for_mn()) continue;
      const auto sa = to_sa(context);
      if (!sa) continue;
      const auto& key = context.key.empty() ? sa->auth_key : context.key;
      context.spi = compute_spi(key, handover_.nr_for_mn(), handover_.mobile_node().naddr);
      keys_.sas.push_back(*to_sa(context));
    }
  }
}

std::optional<std::uint32_t> MobileNodeState::highest_sent(const Context& context) const {
  const auto sa = to_sa(context);
  if (!sa) return std::nullopt;
  const auto found = highest_sent_.find({sa->protocol, sa->spi});
  if (found == highest_sent_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint32_t> MobileNodeState::transferred_sequence(const Sa& sa) const {
  const auto found = std::ranges::find_if(transferred_, [&](const auto& context) {
    const auto transferred = to_sa(context);
    return transferred && transferred->protocol == sa.protocol && transferred->spi == sa.spi &&
           transferred->destination == sa.destination;
  });
  if (found == transferred_.end()) return std::nullopt;
  return found->sequence;
}

bool MobileNodeState::has_sa_to_mobile_node() const {
  return std::ranges::any_of(transferred_, [&](const auto& context) {
    return context.destination == handover_.mobile_node().naddr && to_sa(context);
  });
}

std::uint32_t MobileNodeState::next_sequence(const Context& context,
                                             const TrafficStep& traffic) const {
  if (traffic.offset) return static_cast<std::uint32_t>(context.sequence + *traffic.offset);
  Counters counter;
  return counter.next(IpsecProtocol::ah, context.spi,
                      following(highest_sent(context).value_or(context.sequence)));
}

std::vector<Layer> MobileNodeState::ipsec_layers(const TrafficStep& traffic) const {
  std::vector<const Context*> contexts;
  if (traffic.under == TrafficStep::Under::transferred) {
    const auto towards_nr = std::ranges::find_if(transferred_, [&](const auto& context) {
      return context.destination == handover_.nr_for_mn() && to_sa(context);
    });
    if (towards_nr == transferred_.end()) {
      throw UsageError("no SA from the mobile node to the new router was transferred");
    }
    contexts.push_back(&*towards_nr);
  }
  for (const auto number : traffic.sas) {
    if (number > transferred_.size() || !to_sa(transferred_[number - 1])) {
      throw UsageError(fmt::format("cannot send under SA {}: {} SAs were transferred", number,
                                   transferred_.size()));
    }
    contexts.push_back(&transferred_[number - 1]);
  }
  std::vector<Layer> layers;
  for (const auto* context : contexts) {
    for (auto& part : envelope_layers(*to_sa(*context), next_sequence(*context, traffic),
                                      handover_.mobile_node().naddr, handover_.nr_for_mn())) {
      layers.push_back(std::move(part));
    }
  }
  return layers;
}

PacketDocument MobileNodeState::traffic(const TrafficStep& traffic, std::uint16_t number) {
  auto layers = ipsec_layers(traffic);
  Octets body;
  if (traffic.kind == TrafficStep::Kind::echo) append_number(body, handover_.identifier(), 2);
  append_number(body, number, 2);
  if (traffic.kind == TrafficStep::Kind::echo) {
    auto icmpv6 = layer(LayerKind::icmpv6);
    icmpv6.set(HeaderField::icmpv6_type, std::uint64_t{icmpv6_type::echo_request});
    layers.push_back(std::move(icmpv6));
  } else {
    auto udp = layer(LayerKind::udp);
    udp.set(HeaderField::udp_srcport, std::uint64_t{traffic.source_port});
    udp.set(HeaderField::udp_dstport, std::uint64_t{traffic.destination_port});
    layers.push_back(std::move(udp));
  }
  for (char c : std::string_view("secct conformance")) body.push_back(static_cast<std::uint8_t>(c));
  auto data = layer(LayerKind::data);
  data.set(HeaderField::data_octets, std::move(body));
  layers.push_back(std::move(data));
  return ip_packet(handover_.mobile_node().naddr, handover_.nr_for_mn(), std::move(layers));
}

}  // namespace secct::replay
