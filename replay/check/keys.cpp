// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/keys.hpp"

#include "protocol/decode/decode.hpp"

namespace secct::replay {

CheckKeys::CheckKeys(const CodePoints& codepoints, const RouterDescription* description,
                     HandoverTable& flows)
    : codepoints_(codepoints), description_(description), flows_(flows) {
  if (description_ != nullptr) routers_ = description_->keyring();
}

const Sa* CheckKeys::find(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                          const Address& destination) {
  for (const auto& sa : routers_.sas) {
    if (sa.protocol == protocol && sa.spi == spi && sa.destination == destination) return &sa;
  }
  if (const auto* sa = transferred(protocol, spi, source, destination)) return sa;
  return description_ == nullptr ? nullptr : configured(protocol, spi, source, destination);
}

// An SA that a SHREP or U-SHREP of this capture handed over, at the new router.
const Sa* CheckKeys::transferred(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                                 const Address& destination) {
  for (const auto& end : {destination, source}) {
    auto* flow = flows_.find({HandoverKey::Kind::naddr, 0, end, {}});
    if (flow == nullptr) continue;
    learn(*flow);
    if (const auto* sa = flow->learned.find(protocol, spi, destination)) return sa;
  }
  return nullptr;
}

// Contexts are read when the first packet comes that they may open.
void CheckKeys::learn(Flow& flow) {
  for (; flow.learned_from < flow.handed_over.size(); ++flow.learned_from) {
    Envelope envelope;
    const auto& asked = flow.shrep.frame != 0 ? flow.shrep : flow.hi;
    envelope.source = asked.from;
    envelope.destination = asked.to;
    envelope.complete = false;
    if (decode(codepoints_, Carrier::icmpv6, flow.handed_over[flow.learned_from], envelope,
               decoded_)) {
      flow.learned.take(decoded_);
    }
  }
  flow.learned.tell_ends(flow.nr, flow.naddr);
}

// A mobile node's SA as the router description has it, at the previous router or at the new one.
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
