// SPDX-License-Identifier: GPL-2.0-or-later
// Finds AH and ESP sequence numbers that are reused or decrease, and reused IVs. Also recognizes
// packets that were captured twice.
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
  // Appends a failure for a wrong sequence number or IV of `layer`. Returns true, without a
  // failure, for a duplicate: a packet with the sequence number and ICV of a recent one, which the
  // network or the capture has duplicated.
  bool check(const IpsecLayer& layer, std::vector<Failure>& broken);

 private:
  static constexpr std::size_t recent_packets = 8;
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
    std::array<Packet, recent_packets> recent{};
    std::size_t next = 0;
    std::list<Key>::iterator position;
  };

  Sender& sender(const IpsecLayer& layer);

  std::unordered_map<Key, Sender, KeyHash> senders_;
  std::list<Key> order_;  // least recently active first
};

}  // namespace secct::replay
