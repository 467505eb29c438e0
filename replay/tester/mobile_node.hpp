// SPDX-License-Identifier: GPL-2.0-or-later
// What the tester knows of its mobile node's SAs during one case: those that were handed over, as
// they are at the new router, and the numbers it has used under them.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "generator/handover/handover.hpp"
#include "replay/inspect/received_packet.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {

class Mobile {
 public:
  explicit Mobile(const Handover& handover);

  // The SAs of the case that may be transferred, in its numbering.
  const std::vector<Context>& contexts() const { return contexts_; }
  // Those that may not: types 1 and 2.
  const std::vector<Context>& kept() const { return kept_; }
  // The numbers that `choice` names; UsageError when there are not as many.
  std::vector<Context> chosen(const ContextChoice& choice) const;
  const Keyring& keys() const { return keys_; }

  // A packet that the tester sends: contexts in it are handed over, numbers are used up.
  void sent(const Datagram& datagram, const DecodedMessage& decoded);
  // A SHAK: the mobile node recomputes the SPIs that it is told to (wire-format 6.6).
  void told(const DecodedMessage& shak);

  // The highest number used under an SPI of the mobile node, if any was.
  std::optional<std::uint32_t> used(std::uint32_t spi) const;

  // An echo request or a UDP datagram of the mobile node; `mark` tells it from others of the case.
  // UsageError when an SA that the traffic asks for was not handed over.
  PacketDocument traffic(const TrafficStep& traffic, std::uint16_t mark);
  // The number that an SA had when it was handed over, if it was.
  std::optional<std::uint32_t> handed_number(const Sa& sa) const;
  // True when an SA towards the mobile node was handed over.
  bool has_way_back() const;

 private:
  std::vector<Layer> envelope(const TrafficStep& traffic);
  std::uint32_t next_number(const Context& context, const TrafficStep& traffic);

  const Handover& handover_;
  std::vector<Context> contexts_;
  std::vector<Context> kept_;
  Keyring keys_;
  std::vector<Context> transferred_;  // at the new router
  std::map<std::uint32_t, std::uint32_t> used_;
};

}  // namespace secct::replay
