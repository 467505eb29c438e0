// SPDX-License-Identifier: GPL-2.0-or-later
// Sequence numbers and IVs of the SAs in a capture: a number or an IV that is used twice.
#pragma once

#include <array>
#include <list>
#include <unordered_map>
#include <vector>

#include "replay/inspect/conversation.hpp"
#include "replay/inspect/decapsulate.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class SequenceTracker {
 public:
  // Appends what is wrong with the numbers of `layer`. Whether a packet came before is told by
  // its ICV: the same packet again is a copy that the network or the capture made, no fault.
  // Returns true for such a copy.
  bool judge(const IpsecLayer& layer, std::vector<Failure>& broken);

 private:
  static constexpr std::size_t remembered = 8;
  struct Key {
    IpsecProtocol protocol;
    std::uint32_t spi;
    Address source;
    Address destination;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Sender {
    std::uint32_t highest = 0;
    std::uint64_t window = 0;  // lowest bit: `highest`
    struct Packet {
      std::uint32_t sequence = 0;
      std::uint64_t icv = 0;
      std::uint64_t iv = 0;
    };
    std::array<Packet, remembered> recent{};
    std::size_t next = 0;
    std::list<Key>::iterator place;
  };

  Sender& sender(const IpsecLayer& layer);

  std::unordered_map<Key, Sender, KeyHash> senders_;
  std::list<Key> order_;  // the one that was silent for longest first
};

}  // namespace secct::replay
