// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/setup_exchange.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/packet/build.hpp"
#include "network/datagram.hpp"
#include "replay/tester/case/answer_times.hpp"

namespace secct::replay {

SetupExchange::SetupExchange(const RouterDescription& description, Role role, Link& link,
                             Counters& counters, std::uint16_t& identifier)
    : description_(description),
      role_(role),
      link_(link),
      counters_(counters),
      identifier_(identifier),
      inspector_(description.codepoints),
      keys_(description.keyring()) {}

Handover& SetupExchange::handover(std::uint32_t mobile_node) {
  auto& handover =
      handovers_.emplace_back(description_, role_, mobile_node, ++identifier_, counters_);
  auto keys = handover.keyring();
  keys_.sas.insert(keys_.sas.end(), keys.sas.begin(), keys.sas.end());
  return handover;
}

// A router may answer after 0.4 s, multiplied by timing_scale, and any machine may be busy.
Time SetupExchange::answer_time() const {
  return std::max(least_answer_time, static_cast<Time>(0.6e9 * description_.timing_scale));
}

void SetupExchange::send(const PacketDocument& packet) {
  const auto built = build(description_.codepoints, keys_, packet);
  if (!built.faults.empty()) {
    throw UsageError(fmt::format("cannot build a packet with this router description: {}: {}",
                                 built.faults.front().path, built.faults.front().text));
  }
  send(Octets(built.octets.begin() + ethernet_octets, built.octets.end()));
}

bool SetupExchange::collect(Time until, const Done& done) {
  while (auto datagram = link_.receive(until)) {
    auto& packet = received_.emplace_back(std::make_unique<ReceivedPacket>());
    inspector_.inspect(*datagram, keys_, *packet);
    if (done(*packet)) return true;
    if (link_.now() > until) break;  // however many packets arrive
  }
  return false;
}

}  // namespace secct::replay
