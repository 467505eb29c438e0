// SPDX-License-Identifier: GPL-2.0-or-later
// The state of a case's mobile node, which the tester plays: its SAs at the previous router, the
// SAs that were transferred to the new router, and the sequence numbers sent under them.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "generator/handover/handover.hpp"
#include "replay/inspect/received_packet.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {

class MobileNodeState {
 public:
  explicit MobileNodeState(const Handover& handover);  // must outlive this object

  // The SAs of types 3, 4 and 5 and the SAs of types 1 and 2, in the order of the description.
  const std::vector<Context>& transferable() const { return transferable_; }
  const std::vector<Context>& not_transferable() const { return not_transferable_; }
  // The transferable SAs that `choice` selects, by the numbers of Handover::numbered_sas(). Throws
  // UsageError if one of them does not exist.
  std::vector<Context> select(const ContextChoice& choice) const;
  // The keys of the routers, and of the SAs of the mobile node at both routers.
  const Keyring& keys() const { return keys_; }

  // Records a packet that the tester sends: the sequence numbers of its AH and ESP headers, and the
  // contexts of a HI or SHREP, which are transferred from now on.
  void record_sent(const Datagram& datagram, const DecodedMessage& decoded);
  // Recomputes the SPIs for which the SHAK requests it (wire-format.md 6.6).
  void apply_shak(const DecodedMessage& shak);

  // The highest sequence number that was sent under the SA of the context.
  std::optional<std::uint32_t> highest_sent(const Context& context) const;
  // The sequence number in the transferred context of the SA; std::nullopt if it was not
  // transferred.
  std::optional<std::uint32_t> transferred_sequence(const Sa& sa) const;
  // The SA that protects the SHAK of the transfer (wire-format.md D15); std::nullopt if none of the
  // transferred SAs can.
  std::optional<Context> shak_context() const;
  // True if an SA towards the mobile node was transferred.
  bool has_sa_to_mobile_node() const;

  // An echo request or UDP datagram from the mobile node. `number` is its echo sequence number, or
  // the first two octets of the UDP payload. Throws UsageError if an SA of the step was not
  // transferred.
  PacketDocument traffic(const TrafficStep& traffic, std::uint16_t number);

 private:
  void add_shak_contexts(const DecodedMessage& decoded);
  std::vector<Layer> ipsec_layers(const TrafficStep& traffic) const;
  std::uint32_t next_sequence(const Context& context, const TrafficStep& traffic) const;

  const Handover& handover_;
  std::vector<Context> transferable_;
  std::vector<Context> not_transferable_;
  std::vector<Context> numbered_;  // the transferable SAs that have numbers in the case
  Keyring keys_;
  std::vector<Context> transferred_;    // as they are at the new router
  std::vector<Context> shak_contexts_;  // of all HIs, or of the first SHREP
  bool in_shrep_ = false;               // that is where shak_contexts_ are from
  // By protocol and SPI.
  std::map<std::pair<IpsecProtocol, std::uint32_t>, std::uint32_t> highest_sent_;
};

}  // namespace secct::replay
