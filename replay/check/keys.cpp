// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/keys.hpp"

#include "protocol/decode/decode.hpp"

namespace secct::replay {

CheckKeys::CheckKeys(const CodePoints& codepoints, const RouterDescription* description,
                     HandoverTable& handovers)
    : codepoints_(codepoints), description_(description), handovers_(handovers) {
  if (description_ != nullptr) router_keys_ = description_->keyring();
}

const Sa* CheckKeys::find(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                          const Address& destination) {
  for (const auto& sa : router_keys_.sas) {
    if (sa.protocol == protocol && sa.spi == spi && sa.destination == destination) return &sa;
  }
  if (const auto* sa = transferred(protocol, spi, source, destination)) return sa;
  return description_ == nullptr ? nullptr : configured(protocol, spi, source, destination);
}

// An SA that a SHREP or U-SHREP of this capture transferred, with the addresses at the new router.
const Sa* CheckKeys::transferred(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                                 const Address& destination) {
  for (const auto& end : {destination, source}) {
    auto* handover = handovers_.find({HandoverKey::Kind::naddr, 0, end, {}});
    if (handover == nullptr) continue;
    learn(*handover);
    if (const auto* sa = handover->learned.find(protocol, spi, destination)) return sa;
  }
  return nullptr;
}

// Decodes the context messages that arrived since the last call.
void CheckKeys::learn(TrackedHandover& handover) {
  for (; handover.learned_count < handover.context_messages.size(); ++handover.learned_count) {
    Envelope envelope;
    const auto& message = handover.shrep.frame != 0 ? handover.shrep : handover.hi;
    envelope.source = message.from;
    envelope.destination = message.to;
    envelope.complete = false;
    if (decode(codepoints_, Carrier::icmpv6, handover.context_messages[handover.learned_count],
               envelope, decoded_)) {
      handover.learned.add(decoded_);
    }
  }
  handover.learned.set_addresses(handover.nr, handover.naddr);
}

// A mobile node's SA of the router description, at the previous router or at the new one.
const Sa* CheckKeys::configured(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                                const Address& destination) {
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
        found_ = *live;
        return &found_;
      }
    }
  }
  return nullptr;
}

}  // namespace secct::replay
