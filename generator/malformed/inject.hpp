// SPDX-License-Identifier: GPL-2.0-or-later
// Malformed packets among the packets of valid handovers (`secct generate --malformed`). Each is
// sent immediately before the valid packet, a replayed one immediately after it. The sequence
// numbers of AH and ESP increase across both, so that a receiver discards only the malformed
// packet.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "generator/malformed/catalogue.hpp"
#include "generator/namespace.hpp"
#include "generator/scenario/scenario.hpp"

namespace secct::generator {

// The name of the message of a packet, as in Malformed::message; empty for other packets.
std::string message_name(const PacketDocument& packet);

// Selects the fault of a packet, if any. Called for the packets of a mobile node until one is
// selected. `keys` are those of the packet.
using PickMalformed = std::function<std::optional<Malformed>(
    std::uint32_t mobile_node, const PacketDocument& packet, const Keyring& keys)>;

class Injector {
 public:
  // Whether a fault that cannot be made of its packet is left out, or is a UsageError.
  enum class Unfit : std::uint8_t { skip, refuse };

  // `description` must outlive this.
  Injector(const RouterDescription& description, PickMalformed pick, Unfit unfit = Unfit::refuse)
      : description_(description), pick_(std::move(pick)), unfit_(unfit) {}

  // Takes the next packet of a scenario, which belongs to mobile node `mobile_node`. Returns it
  // with the malformed packets before and after it, in the order of timestamps. `keys` are the keys
  // to build it with; malform() adds to them. With Unfit::refuse, UsageError if the fault cannot be
  // made of the packet or if verify_single_fault() rejects it.
  std::vector<PacketDocument> add(PacketDocument packet, std::uint32_t mobile_node, Keyring& keys);

  // The number of mobile nodes for which a fault was selected.
  std::size_t injected() const { return done_.size(); }

 private:
  std::vector<PacketDocument> with_malformed(const Malformed& entry, const PacketDocument& packet,
                                             std::uint32_t mobile_node, Keyring& keys);
  void shift_numbers(PacketDocument& packet) const;

  const RouterDescription& description_;
  PickMalformed pick_;
  Unfit unfit_;
  std::set<std::uint32_t> done_;                 // mobile nodes
  std::map<std::uint32_t, std::uint32_t> used_;  // by SPI: sequence numbers of malformed packets
  std::uint64_t last_ = 0;                       // timestamp of the previous packet
};

// Whether the entry can be made of one of the messages with these names. An entry of shrep-status
// replaces a SHREP.
bool fits(const Malformed& entry, const std::set<std::string>& messages);
// The entries of the catalogue for these messages.
std::vector<Malformed> malformed_of(const std::set<std::string>& messages);

// Entry number i for mobile node i, from 1.
PickMalformed pick_each(std::vector<Malformed> entries);
// The same entry for each mobile node.
PickMalformed pick_one(Malformed entry);

// A scenario with malformed packets, one packet at a time.
class MalformedScenario {
 public:
  // As the constructor of ScenarioRun. `injector` must have the same description.
  MalformedScenario(const ScenarioRow& row, const RouterDescription& description,
                    std::uint32_t handovers, std::uint64_t seed, Injector injector)
      : codepoints_(description.codepoints),
        run_(row, description, handovers, seed),
        injector_(std::move(injector)) {}

  // Advances to the next packet; false after the last one. UsageError as Injector::add().
  bool next();

  // The current packet, after next() returned true.
  const PacketDocument& document() const { return packets_.front(); }
  std::uint64_t time() const { return document().time; }
  const std::string& comment() const { return document().comment(); }
  // UsageError if it cannot be built.
  Octets octets() const;

 private:
  const CodePoints& codepoints_;
  ScenarioRun run_;
  Injector injector_;
  std::deque<PacketDocument> packets_;  // of one Injector::add(), from the current packet on
  Keyring keys_;                        // for these
};

}  // namespace secct::generator
