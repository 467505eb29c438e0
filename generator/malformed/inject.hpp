// SPDX-License-Identifier: GPL-2.0-or-later
// Malformed packets among the packets of valid handovers: each stands right before its valid twin
// (a replayed one right behind it), and numbers of AH and ESP go on rising around it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "generator/malformed/catalogue.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// The name of a packet's message as malformed entries call it, empty for other packets.
std::string message_name(const PacketDocument& packet);

// Which fault a mobile node's packet gets, if any; each mobile node is asked until it has one.
using PickMalformed = std::function<std::optional<Malformed>(
    std::uint32_t mobile_node, const PacketDocument& packet, const Keyring& keys)>;

class Injector {
 public:
  // What to do about a fault that has no place in the packet it was picked for.
  enum class Unfit : std::uint8_t { skip, refuse };

  // `description` must outlive this.
  Injector(const RouterDescription& description, PickMalformed pick, Unfit unfit = Unfit::refuse)
      : description_(description), pick_(std::move(pick)), unfit_(unfit) {}

  // The next packet of a scenario, of mobile node `mobile_node`, and the malformed ones around it,
  // in the order of time. `keys` build them; it gets what malform() adds. UsageError when a fault
  // does not fit the packet, or verify_single_fault() refuses it.
  std::vector<PacketDocument> add(PacketDocument packet, std::uint32_t mobile_node, Keyring& keys);

  std::size_t injected() const { return done_.size(); }

 private:
  std::vector<PacketDocument> around(const Malformed& entry, const PacketDocument& packet,
                                     std::uint32_t mobile_node, Keyring& keys);
  void shift_numbers(PacketDocument& packet) const;

  const RouterDescription& description_;
  PickMalformed pick_;
  Unfit unfit_;
  std::set<std::uint32_t> done_;                 // mobile nodes
  std::map<std::uint32_t, std::uint32_t> used_;  // numbers that malformed packets took, by SPI
  std::uint64_t last_ = 0;                       // time of the packet before
};

// Every entry of the catalogue for one of these messages.
std::vector<Malformed> malformed_of(const std::set<std::string>& messages);

// Entry number i for mobile node i, from 1; none for further ones.
PickMalformed pick_each(std::vector<Malformed> entries);
// The same entry for each mobile node.
PickMalformed pick_one(Malformed entry);

}  // namespace secct::generator
